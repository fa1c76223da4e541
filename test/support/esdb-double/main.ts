import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { startEsdbDouble } from "./server.ts";

/** The double as a process of its own: `main.ts [--data FILE] [--port PORT]`. */
const { values } = parseArgs({ options: { data: { type: "string" }, port: { type: "string" } } });
const double = await startEsdbDouble({
  ...(values.data === undefined ? {} : { dataFile: values.data }),
  ...(values.port === undefined ? {} : { port: Number(values.port) }),
});
writeSync(1, `listening on 127.0.0.1:${double.port}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void double.close());
