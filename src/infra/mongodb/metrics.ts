import type { Collection, Db, OptionalUnlessRequiredId } from "mongodb";
import type { MetricSample, Metrics } from "#reactions/ports.ts";

type Sample = Omit<MetricSample, "at"> & { at: Date };

const name = "_samples";
const series = { timeseries: { timeField: "at", metaField: "instance_id", granularity: "seconds" } } as const;
// A day more than maintenance keeps: the server's own expiry is for when nothing maintains.
const expiryS = 8 * 86_400;
// The name that a server gives a time series' own index; a second one over the same keys would be refused.
const byInstance = "instance_id_1_at_1";
const newest = { sort: { at: -1 }, hint: byInstance, projection: { _id: 0 } } as const;

/** The samples in a database. */
export async function openMetrics(db: Db): Promise<Metrics> {
  const samples = await createSamples(db);
  return {
    async record(all) {
      if (all.length === 0) return;
      const documents = all.map((sample) => ({ ...sample, at: new Date(sample.at) }) as OptionalUnlessRequiredId<Sample>);
      await samples.insertMany(documents, { ordered: false, writeConcern: { w: 1 } });
    },
    async latest(instanceIds) {
      const found = await Promise.all(instanceIds.map((instance_id) => samples.findOne({ instance_id }, newest)));
      return found.flatMap((sample) => (sample === null ? [] : [sampleOf(sample)]));
    },
    async range(instance_id, from, to, limit) {
      const at = { $gte: new Date(from), $lt: new Date(to) };
      const found = await samples.find({ instance_id, at }, { ...newest, sort: { at: 1 }, limit }).toArray();
      return found.map(sampleOf);
    },
    async purge(before) {
      await samples.deleteMany({ at: { $lt: new Date(before) } });
    },
  };
}

/** A time series with expiry where the server has them and deletes from them by time (MongoDB does since 7.0), else a plain collection. */
async function createSamples(db: Db): Promise<Collection<Sample>> {
  const { versionArray } = (await db.admin().command({ buildInfo: 1 })) as { versionArray?: number[] };
  // A refusal means that it is there already, or that a server which calls itself 7 has no time series: the indexes make a plain one.
  if ((versionArray?.[0] ?? 0) >= 7) await db.createCollection(name, { ...series, expireAfterSeconds: expiryS }).catch(() => undefined);
  const samples = db.collection<Sample>(name);
  await samples.createIndex({ instance_id: 1, at: 1 }, { name: byInstance });
  const created = (await db.listCollections({ name }).toArray()).find((each) => each.name === name);
  if (created?.type !== "timeseries") await samples.createIndex({ at: 1 }, { name: "at_1" });
  return samples;
}

function sampleOf(sample: Sample): MetricSample {
  return { ...sample, at: sample.at.getTime() };
}
