import type { Role } from "#domain/account/account.ts";
import type { Principal as KeyHolder } from "#projections/api-keys.ts";

/** Who asks: an account by one of its keys. */
export interface Principal extends KeyHolder {
  readonly key_hash: string;
}

/** Whether an account may do everything. */
export const isOperator = (principal: Principal): boolean => principal.roles.includes("operator");

/** Whether one of the roles is the account's; an operator has them all. */
export const hasRole = (principal: Principal, roles: readonly Role[]): boolean =>
  isOperator(principal) || roles.some((role) => principal.roles.includes(role));

/** Whether an object of an account exists for this one. */
export const mayRead = (principal: Principal, account: string): boolean => principal.account_id === account || isOperator(principal);
