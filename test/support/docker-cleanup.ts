import type { ContainerRuntime } from "#reactions/ports.ts";

/** Removes every container of a runtime's installation, and with the last ones their networks. */
export async function removeAll(runtime: ContainerRuntime): Promise<void> {
  for (const { container_id } of await runtime.list()) await runtime.remove(container_id);
}
