import type { Customer } from '../domain/customer.ts';

/** A customer as the graph passes it on. */
export interface CustomerNode extends Customer {
  /** Answered to who has just signed up or logged in: the password was the credential, the request carries none yet. */
  enteredJustNow?: true;
}

/** The answer of signUp and logIn, whose customer is shown to who gave the password. */
export function entered<A extends { customer: Customer }>(answer: A): A & { customer: CustomerNode } {
  return { ...answer, customer: { ...answer.customer, enteredJustNow: true } };
}
