/** The live feed as AsyncAPI 3. */
export const asyncapi = (version: string): object => ({ asyncapi: "3.0.0", info: { title: "AgentHub live", version } });
