import { readFileSync } from "node:fs";
import { z } from "zod";

const file = z.object({ version: z.string() });

/** The product's version, as package.json has it. */
export const version: string = file.parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version;
