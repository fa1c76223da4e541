import type { Collection, Db, OptionalUnlessRequiredId } from "mongodb";
import type { MetricSample, Metrics } from "#reactions/ports.ts";

type Sample = Omit<MetricSample, "at"> & { at: Date };

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

/** A plain collection rather than a time series: those delete by time only since 7.0, and what speaks the protocol besides MongoDB has none. */
async function createSamples(db: Db): Promise<Collection<Sample>> {
  const samples = db.collection<Sample>("_samples");
  await samples.createIndex({ instance_id: 1, at: 1 }, { name: byInstance });
  await samples.createIndex({ at: 1 }, { name: "at_1" });
  return samples;
}

function sampleOf(sample: Sample): MetricSample {
  return { ...sample, at: sample.at.getTime() };
}
