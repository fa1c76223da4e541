import type Docker from "dockerode";
import { RuntimeError, type ContainerSpec, type ObservedContainer } from "#reactions/ports.ts";
import { engineStart } from "./engine-start.ts";
import { attempt, isGone, statusOf, wordsOf } from "./failures.ts";
import { containerName, labels, ownedBy } from "./names.ts";
import type { AccountNetworks } from "./networks.ts";
import { observed, type Reach } from "./observed.ts";
import type { Outages } from "./outages.ts";
import { createOptions } from "./spec.ts";

/** The life of an installation's containers. */
export class Containers {
  readonly #engine: Docker;
  readonly #networks: AccountNetworks;
  readonly #installation: string;
  readonly #reach: Reach;
  readonly #outages: Outages;

  constructor(engine: Docker, networks: AccountNetworks, installation: string, reach: Reach, outages: Outages) {
    this.#engine = engine;
    this.#networks = networks;
    this.#installation = installation;
    this.#reach = reach;
    this.#outages = outages;
  }

  /** Creates or adopts the attempt's container and starts it; one that already ran and ended is answered as it is. */
  async start(spec: ContainerSpec): Promise<ObservedContainer> {
    return this.#ask("start the container", async () => {
      for (let tries = 1; ; tries++) {
        const info = await this.#createOrAdopt(spec);
        if (info.State.Status !== "created") return await this.#seenOne(info);
        try {
          await this.#engine.getContainer(info.Id).start().catch(ignoring(304)); // somebody was quicker
        } catch (error) {
          // The account's network or the container was tidied away in between: begin anew.
          const gone = isGone(error) && /no such container|network .+ not found/i.test(wordsOf(error));
          if (!gone || tries === 3) throw error;
          continue;
        }
        return await this.#seenOne(await this.#engine.getContainer(info.Id).inspect());
      }
    });
  }

  /** The instance's container with the highest attempt. */
  async inspect(instanceId: string): Promise<ObservedContainer | null> {
    const all = await this.#ask("be asked for the container", () => this.#observeAll([`${labels.instance}=${instanceId}`]));
    return all.reduce<ObservedContainer | null>((best, next) => (best === null || next.attempt > best.attempt ? next : best), null);
  }

  /** All of the installation's containers, stopped ones included. */
  list(): Promise<ObservedContainer[]> {
    return this.#ask("list the containers", () => this.#observeAll([]));
  }

  async pause(id: string): Promise<void> {
    await this.#ask("pause the container", async () => {
      const info = await this.#own(id);
      if (info === null || !info.State.Running) throw new RuntimeError("container-failed", "The container does not run");
      if (!info.State.Paused) await this.#engine.getContainer(id).pause();
    });
  }

  async resume(id: string): Promise<void> {
    await this.#ask("resume the container", async () => {
      const info = await this.#own(id);
      if (info === null || !info.State.Running) throw new RuntimeError("container-failed", "The container does not run");
      if (info.State.Paused) await this.#engine.getContainer(id).unpause();
    });
  }

  async stop(id: string, graceSeconds: number): Promise<void> {
    await this.#ask("stop the container", async () => {
      const info = await this.#own(id);
      if (info === null || !info.State.Running) return;
      const container = this.#engine.getContainer(id);
      // A frozen process cannot hear the stop signal.
      if (info.State.Paused) await container.unpause().catch(ignoring(404, 409, 500));
      await container.stop({ t: graceSeconds }).catch(ignoring(304, 404));
    });
  }

  async remove(id: string): Promise<void> {
    await this.#ask("remove the container", async () => {
      const info = await this.#own(id);
      if (info === null) return;
      await this.#engine.getContainer(id).remove({ force: true, v: true }).catch((error: unknown) => {
        if (!isGone(error) && !/already in progress/i.test(wordsOf(error))) throw error;
      });
      const account = info.Config.Labels[labels.account];
      if (account !== undefined) await this.#networks.tidy(account);
    });
  }

  async #createOrAdopt(spec: ContainerSpec): Promise<Docker.ContainerInspectInfo> {
    const name = containerName(spec.instance_id, spec.attempt);
    const image = await this.#engine.getImage(spec.image).inspect();
    const options = createOptions(spec, this.#installation, image.Config?.User, this.#reach === "loopback");
    await this.#networks.withNetwork(spec.account_id, () => this.#engine.createContainer(options).catch(ignoring(409)))
      .catch(async (error: unknown) => {
        await this.#networks.tidy(spec.account_id); // a network without a container would never be tidied away
        throw error;
      });
    const info = await this.#engine.getContainer(name).inspect();
    const has = info.Config.Labels;
    if (has[labels.installation] !== this.#installation || has[labels.instance] !== spec.instance_id)
      throw new RuntimeError("container-failed", "Another container holds the name of this one");
    return info;
  }

  async #observeAll(more: readonly string[]): Promise<ObservedContainer[]> {
    const found = await this.#engine.listContainers({ all: true, filters: ownedBy(this.#installation, more) });
    const own: Docker.ContainerInspectInfo[] = [];
    // The listing lacks instants and exit codes; a few at a time, so that many containers do not flood the engine.
    for (let at = 0; at < found.length; at += 8) {
      const part = await Promise.all(found.slice(at, at + 8).map(({ Id }) => this.#own(Id)));
      for (const info of part) if (info !== null) own.push(info);
    }
    return this.#seen(own);
  }

  async #ask<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      const answer = await attempt(doing, work);
      this.#outages.answered(Date.now());
      return answer;
    } catch (error) {
      if ((error as RuntimeError).code === "runtime-unavailable") this.#outages.refused(Date.now());
      throw error;
    }
  }

  async #seenOne(info: Docker.ContainerInspectInfo): Promise<ObservedContainer> {
    const [seen] = await this.#seen([info]);
    return seen as ObservedContainer;
  }

  // Asked anew each time, and only for what has ended: the engine may have started again since.
  async #seen(infos: readonly Docker.ContainerInspectInfo[]): Promise<ObservedContainer[]> {
    const start = infos.every(({ State }) => State.Running) ? null : await engineStart(this.#engine);
    const down = (at: string | null): boolean => this.#outages.covers(at) || (at !== null && start !== null && Date.parse(at) < start);
    return infos.map((info) => observed(info, this.#reach, down));
  }

  // What does not carry the installation's label does not exist here.
  async #own(id: string): Promise<Docker.ContainerInspectInfo | null> {
    try {
      const info = await this.#engine.getContainer(id).inspect();
      return info.Config.Labels[labels.installation] === this.#installation ? info : null;
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }
}

const ignoring = (...statuses: number[]) => (error: unknown): undefined => {
  if (!statuses.includes(statusOf(error) ?? 0)) throw error;
  return undefined;
};
