import { z } from "zod";
import { formatDecimal, isDecimal, parseDecimal, shortestDecimal } from "../kernel/fraction.ts";
import { currencies } from "../kernel/money.ts";

/** The four pricing models. */
export const pricingType = z.enum(["per_request", "per_minute", "per_hour", "hybrid"]);

/** A price: a decimal string, or a number read as its shortest decimal; at least 0, at most 12 places. */
const amount = z.union([z.string(), z.number()])
  .transform((value) => (typeof value === "number" ? shortestDecimal(value) : value))
  .refine((text) => isDecimal(text) && !text.startsWith("-"), "must be a decimal of at least 0 with at most 12 places, such as \"0.01\"")
  .transform((text) => formatDecimal(parseDecimal(text)));

/** A price as an event pins it: every amount an exact decimal string in the currency's major unit. */
export const price = z.object({
  type: pricingType,
  currency: z.enum(currencies),
  base_price: z.string(),
  base_period: z.enum(["once", "month"]),
  price_per_request: z.string(),
  price_per_minute: z.string(),
  price_per_hour: z.string(),
  /** Time is rounded up to this many seconds, once, on the cumulative sum. */
  increment_s: z.number().int(),
});
/** A price plan in force. */
export type Price = z.infer<typeof price>;

const fieldOf = {
  per_request: "price_per_request", per_minute: "price_per_minute", per_hour: "price_per_hour", hybrid: "base_price",
} as const;

const amounts = ["base_price", "price_per_request", "price_per_minute", "price_per_hour"] as const;

/** What a publisher writes: the whole plan, or the short form `{type, price, currency}`. */
export const priceInput = z.strictObject({
  type: pricingType,
  currency: z.enum(currencies).default("USD"),
  price: amount.optional(),
  base_price: amount.optional(),
  base_period: z.enum(["once", "month"]).default("once"),
  price_per_request: amount.optional(),
  price_per_minute: amount.optional(),
  price_per_hour: amount.optional(),
  increment_s: z.number().int().min(1).max(86_400).default(1),
}).superRefine((input, context) => {
  const main = fieldOf[input.type];
  for (const name of amounts.filter((field) => input.type !== "hybrid" && field !== main && input[field] !== undefined))
    context.addIssue({ code: "custom", path: [name], message: `does not belong to a ${input.type} price` });
  if (input.price !== undefined && input[main] !== undefined)
    context.addIssue({ code: "custom", path: ["price"], message: `give either price or ${main}, not both` });
  if (input.type !== "hybrid" && input.price === undefined && input[main] === undefined)
    context.addIssue({ code: "custom", path: [main], message: "is required" });
  if (input.type === "hybrid" && input.price_per_minute !== undefined && input.price_per_hour !== undefined)
    context.addIssue({ code: "custom", path: ["price_per_minute"], message: "give a price per minute or per hour, not both" });
}).transform((input): Price => {
  const own = (name: (typeof fieldOf)[keyof typeof fieldOf]) => input[name] ?? (fieldOf[input.type] === name ? input.price : undefined) ?? "0";
  return {
    type: input.type, currency: input.currency, base_price: own("base_price"), base_period: input.base_period,
    price_per_request: own("price_per_request"), price_per_minute: own("price_per_minute"),
    price_per_hour: own("price_per_hour"), increment_s: input.increment_s,
  };
});

/** The one figure that the short form shows: the base of a hybrid price, else the unit price. */
export const mainPrice = (plan: Price): string => plan[fieldOf[plan.type]];
