import { start } from "#app/start.ts";

// The whole application with its default settings on stores on disk, in a process of its own as a user would run it.
const { url, credentials, close } = await start(process.env);
process.once("SIGTERM", () => { void close().finally(() => process.exit(0)); });
setInterval(() => undefined, 2 ** 30);
process.send?.({ url, keys: credentials });
// Nobody is left to measure for.
process.once("disconnect", () => process.exit());
