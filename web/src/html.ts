import htm from "htm";
import { h, type VNode } from "preact";

type Markup = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/** Markup as a tagged template. */
// The library's types describe its CommonJS form; browsers load the module, whose default export this is.
export const html = (htm as unknown as { bind(create: typeof h): Markup }).bind(h);

/** What components may hold. */
export type Content = VNode | string | number | null | undefined | false | readonly Content[];
