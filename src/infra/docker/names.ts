/** The labels by which an installation knows what is its own. */
export const labels = {
  installation: "agenthub.installation",
  instance: "agenthub.instance",
  attempt: "agenthub.attempt",
  account: "agenthub.account",
  port: "agenthub.port",
} as const;

const bare = (publicId: string): string => publicId.slice(publicId.indexOf("-") + 1);

/** The name of an attempt's container: the same for every try, so that a retry meets its own container. */
export const containerName = (instanceId: string, attempt: number): string => `agenthub-${bare(instanceId)}-${attempt}`;

/** The name of an account's network. */
export const networkName = (accountId: string): string => `agenthub-${bare(accountId)}`;

/** The engine's filter for what belongs to an installation. */
export const ownedBy = (installation: string, more: readonly string[] = []): { label: string[] } =>
  ({ label: [`${labels.installation}=${installation}`, ...more] });
