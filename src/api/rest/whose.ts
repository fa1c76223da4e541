import { isOperator, type Principal } from "../auth/principal.ts";
import { absent } from "./problem-details.ts";

/** The account that a request is about: the caller's own, or for operators the one that they name. */
export function whose(principal: Principal, asked: string | undefined): string {
  if (asked === undefined || asked === principal.account_id) return principal.account_id;
  if (!isOperator(principal)) throw absent.account();
  return asked;
}
