import type { Role } from "#domain/account/account.ts";

/** Who asks: an account by one of its keys. */
export interface Principal {
  readonly account_id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly currency: string;
  readonly key_id: string;
  readonly key_hash: string;
  /** A key that may only report the usage of this instance. */
  readonly instance_id: string | null;
}

/** Whether an account may do everything. */
export const isOperator = (principal: Principal): boolean => principal.roles.includes("operator");

/** Whether one of the roles is the account's; an operator has them all. */
export const hasRole = (principal: Principal, roles: readonly Role[]): boolean =>
  isOperator(principal) || roles.some((role) => principal.roles.includes(role));

/** Whether an object of an account exists for this one. */
export const mayRead = (principal: Principal, account: string): boolean => principal.account_id === account || isOperator(principal);
