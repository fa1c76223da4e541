import { closeCapacity } from "#commands/capacity/slots.ts";
import { deregisterAgent } from "#commands/agent/change-agent.ts";
import { publishVersion, registerAgent } from "#commands/agent/register-agent.ts";
import type { CommandRequest, Executor } from "#commands/execute.ts";
import type { Ids } from "#commands/ports.ts";
import { agent, type AgentState } from "#domain/agent/agent.ts";
import { capacity } from "#domain/capacity/capacity.ts";
import { isRefusal, Refusal } from "#domain/kernel/errors.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import type { PullProgress, Vault } from "./ports.ts";
import type { Engines } from "./engines.ts";
import { refusalOf } from "./runtime-refusal.ts";
import type { AgentService, AgentSubmission, Written } from "./services.ts";
import { endpointOf, imageOf, readSubmission, releaseOf, secretRef } from "./submission.ts";
import { writtenOf } from "./written.ts";

/** What agents need. */
export interface AgentParts {
  readonly executor: Executor;
  readonly engines: Engines;
  readonly vault: Vault;
  readonly ids: Ids;
  readonly hash: (text: string) => string;
  /** Throws the Refusal endpoint-not-allowed for an address that agents may not live on. */
  readonly checkEndpoint: (url: string) => Promise<void>;
}

type OnProgress = (progress: PullProgress) => void;

/** Registers agents with what lies outside their events: images, secrets, the clean-up at the end. */
export class Agents implements AgentService {
  readonly #parts: AgentParts;

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  agentIdOf(publisherId: string, name: string): string {
    return `agent-${this.#parts.ids.named(JSON.stringify([publisherId, name.normalize("NFC").toLowerCase()]))}`;
  }

  register(submission: AgentSubmission, request: CommandRequest, onProgress?: OnProgress): Promise<Written<AgentState>> {
    const agentId = this.agentIdOf(request.account, submission.manifest.name);
    return this.#publish(agentId, registerAgent, submission, request, onProgress);
  }

  async publishVersion(agentId: string, submission: AgentSubmission, request: CommandRequest, onProgress?: OnProgress): Promise<Written<AgentState>> {
    const { state } = await this.#parts.executor.state(agent, agentId);
    if (state.status === "none") throw new Refusal("agent-not-found", "There is no such agent.");
    const named = this.agentIdOf(state.publisher_id, submission.manifest.name);
    if (named !== agentId) throw new Refusal("invalid-manifest", `This agent is called ${state.name}; a version of it keeps the name.`);
    return this.#publish(agentId, publishVersion, submission, { ...request, account: state.publisher_id }, onProgress);
  }

  async deregister(agentId: string, reason: string | undefined, request: CommandRequest): Promise<Written<AgentState>> {
    const { executor } = this.#parts;
    const { state } = await executor.state(agent, agentId);
    if (state.status === "none") throw new Refusal("agent-not-found", "There is no such agent.");
    const own = { ...request, account: state.publisher_id, agent: agentId };
    await executor.execute(closeCapacity, { agent_id: agentId }, own);
    if (state.status === "registered") await this.#cleanUp(agentId, state);
    return writtenOf(await executor.execute(deregisterAgent, { agent_id: agentId, ...(reason === undefined ? {} : { reason }) }, own));
  }

  /** Ends a deregistration that was begun; true when there was something to end. */
  async finishDeregistration(agentId: string): Promise<boolean> {
    const { executor, ids } = this.#parts;
    const { state: slots } = await executor.state(capacity, capacityStream(agentId));
    const { state } = await executor.state(agent, agentId);
    if (!slots.closed || state.status !== "registered") return false;
    const request = { account: state.publisher_id, actor: "system", command_id: ids.random(), agent: agentId };
    await this.#cleanUp(agentId, state);
    await executor.execute(deregisterAgent, { agent_id: agentId }, request);
    return true;
  }

  async #publish(agentId: string, command: typeof registerAgent, submission: AgentSubmission, request: CommandRequest, onProgress?: OnProgress): Promise<Written<AgentState>> {
    const { executor, vault, hash } = this.#parts;
    const { state } = await executor.state(agent, agentId);
    if (state.status === "deregistered")
      throw new Refusal("agent-deregistered", "This agent was deregistered and its name stays taken; register under another name.");
    const reading = readSubmission(submission);
    const digest = await this.#examine(submission, onProgress);
    const release = releaseOf(agentId, submission, digest, reading, hash);
    if (release.secret_ref !== undefined) await vault.put(release.secret_ref, reading.secrets);
    const input = { agent_id: agentId, publisher_id: request.account, name: submission.manifest.name, profile: reading.profile, release, price: reading.price };
    try {
      return writtenOf(await executor.execute(command, input, { ...request, agent: agentId }));
    } catch (error) {
      if (isRefusal(error) && release.secret_ref !== undefined) await this.#forget(agentId, release);
      throw error;
    }
  }

  /** Removes the secrets of what was refused, unless a version has the very same content. */
  async #forget(agentId: string, { secret_ref, content_hash }: { readonly secret_ref?: string | undefined; readonly content_hash: string }): Promise<void> {
    const { state } = await this.#parts.executor.state(agent, agentId);
    if (secret_ref !== undefined && !Object.values(state.versions).includes(content_hash)) await this.#parts.vault.remove(secret_ref);
  }

  /** The content that the image names, after a pull; null for an agent that is served elsewhere. */
  async #examine(submission: AgentSubmission, onProgress: OnProgress | undefined): Promise<string | null> {
    if (submission.kind === "standard") {
      await this.#parts.checkEndpoint(endpointOf(submission));
      return null;
    }
    const image = imageOf(submission);
    const [engine] = this.#parts.engines.values();
    if (engine === undefined) throw new Refusal("runtime-unavailable", "No container engine is configured, so docker agents cannot be registered.");
    const { credentials, manifest } = submission;
    try {
      return await engine.pull(image, { policy: manifest.docker?.pull ?? "missing", credentials, onProgress });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  // Before the event that ends the agent, so that a pass finds what a crash left; a closed capacity is never opened again.
  // What remains of this is only space: a failure here changes nothing that anybody relies on.
  async #cleanUp(agentId: string, state: AgentState): Promise<void> {
    // An image that no registry serves would be lost for good, and may be somebody's own build.
    const images = state.images.filter((image) => image.includes("@"));
    await Promise.allSettled([
      ...[...this.#parts.engines.values()].flatMap((engine) => images.map((image) => engine.removeImage(image))),
      ...Object.values(state.versions).map((contentHash) => this.#parts.vault.remove(secretRef(agentId, contentHash))),
    ]);
  }
}
