import { countParked, everyProjection } from "#projections/parked.ts";
import { fillingOf, type Pointer, pointerOf } from "#projections/pointer.ts";
import type { ReadModels } from "#projections/ports.ts";
import { collectionName, type Projection } from "#projections/projection.ts";
import type { ProjectionStatus } from "#api/services.ts";
import type { Reach } from "./reach.ts";
import type { RebuildRequests, Wanted } from "./rebuilds.ts";

/** What tells where read models stand. */
export interface StandingParts {
  readonly projections: readonly Projection[];
  readonly models: ReadModels;
  readonly reach: Reach;
  readonly rebuilds: RebuildRequests;
}

/** Where each read model stands: as this process knows it, or as the stores tell of the one that projects. */
export async function standingsOf(parts: StandingParts): Promise<readonly ProjectionStatus[]> {
  const wanted = await parts.rebuilds.wanted();
  return await Promise.all(parts.projections.map((of) => standingOf(parts, of, wanted.get(of.name))));
}

type Shown = Pick<ProjectionStatus, "status" | "progress" | "detail">;

async function standingOf(parts: StandingParts, of: Projection, asked: Wanted | undefined): Promise<ProjectionStatus> {
  const { models, reach, rebuilds } = parts;
  const { name, version } = of;
  const pointer = await pointerOf(models, name);
  const [collection, previous] = pointer === null ? [collectionName(of), null] : [pointer.live, pointer.previous];
  const { parked, failure } = await trouble(parts, name, collection);
  const shown = asked === undefined ? await unasked(of, pointer, rebuilds) : waiting(of, asked);
  const stopped = failure === null ? {} : { status: shown.status === "live" ? "stopped" : shown.status, detail: failure };
  return { name, version, collection, previous, position: await reach.positionOf(of), parked, ...shown, ...stopped };
}

/** What a projector here or elsewhere could not fold, and why one here cannot go on. */
async function trouble({ models, reach }: StandingParts, name: string, collection: string): Promise<{ parked: number; failure: string | null }> {
  const projector = reach.projectorOf(name);
  const own = projector?.status().find((status) => status.name === name && status.collection === collection);
  const parked = own?.parked ?? await countParked(models, name) + await countParked(models, everyProjection);
  return { parked, failure: own?.last_error ?? projector?.build(name)?.last_error ?? null };
}

function waiting({ version }: Projection, asked: Wanted): Shown {
  const detail = `waits for a worker of the release that has version ${asked.version}`;
  return { status: "rebuilding", progress: asked.progress, ...(asked.version !== version && !asked.begun && { detail }) };
}

async function unasked(of: Projection, pointer: Pointer | null, rebuilds: RebuildRequests): Promise<Shown> {
  const live = pointer?.version ?? of.version;
  const filling = fillingOf(of, pointer);
  if (filling !== null) return { status: "rebuilding", progress: await rebuilds.filling.of(filling), detail: `readers use version ${live} until version ${of.version} has caught up` };
  return { status: "live", ...(live !== of.version && { detail: `readers use version ${live}, which only workers of the release that has it advance` }) };
}
