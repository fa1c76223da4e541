import type { MetricSample, Metrics } from "#reactions/ports.ts";
import { openSqliteFile } from "./read-models-file.ts";
import type { Row } from "./read-models-file.ts";

const figures = ["cpu_percent", "memory_bytes", "memory_limit_bytes", "network_rx_bytes", "network_tx_bytes", "response_ms"] as const;
const columns = ["instance_id", "at", "healthy", ...figures].join(", ");
const schema = `
  CREATE TABLE IF NOT EXISTS samples (instance_id TEXT NOT NULL, at INTEGER NOT NULL, healthy INTEGER NOT NULL,
    ${figures.map((name) => `${name} REAL`).join(", ")}, PRIMARY KEY (instance_id, at)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS samples_at ON samples (at);
`;

/** Samples in a SQLite file (or ":memory:") with a way to close it. */
export interface SqliteMetrics extends Metrics {
  close(): Promise<void>;
}

/** Opens the samples' file. */
export function openSqliteMetrics(path: string): SqliteMetrics {
  const file = openSqliteFile(path, "NORMAL");
  file.exec(schema);
  const insert = `INSERT OR REPLACE INTO samples (${columns}) VALUES (?, ?, ?${", ?".repeat(figures.length)})`;
  return {
    async record(samples) {
      file.transaction(() => {
        for (const sample of samples) {
          file.run(insert, sample.instance_id, sample.at, Number(sample.healthy), ...figures.map((name) => sample[name]));
        }
      });
    },
    async latest(instanceIds) {
      return instanceIds.flatMap((id) => file.all(`SELECT ${columns} FROM samples WHERE instance_id = ? ORDER BY at DESC LIMIT 1`, id).map(sampleOf));
    },
    async range(instanceId, from, to, limit) {
      return file.all(`SELECT ${columns} FROM samples WHERE instance_id = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?`, instanceId, from, to, limit).map(sampleOf);
    },
    async purge(before) {
      file.run("DELETE FROM samples WHERE at < ?", before);
    },
    close: async () => file.close(),
  };
}

function sampleOf(row: Row): MetricSample {
  const figure = (name: (typeof figures)[number]): number | null => (row[name] === null ? null : Number(row[name]));
  return {
    instance_id: String(row["instance_id"]),
    at: Number(row["at"]),
    cpu_percent: figure("cpu_percent"),
    memory_bytes: figure("memory_bytes"),
    memory_limit_bytes: figure("memory_limit_bytes"),
    network_rx_bytes: figure("network_rx_bytes"),
    network_tx_bytes: figure("network_tx_bytes"),
    healthy: row["healthy"] === 1,
    response_ms: figure("response_ms"),
  };
}
