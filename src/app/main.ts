import { demonstrate } from "./samples.ts";
import { serve } from "./serve.ts";

// `npm start`: the marketplace with its sample agents, and what to try next.
await serve(process.env, (started) => demonstrate(started, process.env));
