import { InvalidArgumentError } from "commander";

/** A whole number in a range, for commander. */
export const whole = (least: number, most: number) => (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  return value;
};

/** Gathers an option that may be given several times. */
export const gather = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Gathers NAME=VALUE pairs. */
export const gatherPairs = (text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const cut = text.indexOf("=");
  if (cut < 1) throw new InvalidArgumentError("It must be NAME=VALUE.");
  return { ...before, [text.slice(0, cut)]: text.slice(cut + 1) };
};
