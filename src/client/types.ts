import type { LogLine, Operations } from "./schema.ts";

/** The query of an operation. */
export type QueryOf<K extends keyof Operations> = Operations[K] extends { readonly query: infer Query } ? Query : never;

/** The body of an operation. */
export type BodyOf<K extends keyof Operations> = Operations[K] extends { readonly body: infer Body } ? Body : never;

/** What creates an instance, its agent aside. */
export type InstanceConfig = NonNullable<BodyOf<"POST /marketplace/instances">["instance_config"]>;

/** A login at an image registry. */
export type RegistryCredentials = NonNullable<BodyOf<"POST /agents/register-docker">["registry_credentials"]>;

/** A CloudEvent that tells of usage. */
export type UsageEvent = Exclude<BodyOf<"POST /usage/events">, readonly unknown[]>;

/** A line of a container's output; of a line that is no JSON nothing but its text is known. */
export type LogEntry = Partial<LogLine> & Pick<LogLine, "text">;
