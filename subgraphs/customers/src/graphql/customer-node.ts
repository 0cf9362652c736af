import type { Customer } from '../domain/customer.ts';
import type { OpenedSession } from '../service/open-session.ts';
import type { Context } from './context.ts';

/** A customer as the graph passes it on. */
export interface CustomerNode extends Customer {
  /** Answered to who has just signed up or logged in: the password was the credential, the request carries none yet. */
  enteredJustNow?: true;
}

/** The answer of signUp and logIn, whose customer is shown to who gave the password; by this caller the other subgraphs are asked from here on. */
export function entered<A extends { customer: Customer; session: OpenedSession }>(context: Context, answer: A): A & { customer: CustomerNode } {
  context.caller = { kind: 'user', customerId: answer.customer.id, userId: answer.session.userId, sessionId: answer.session.id };
  return { ...answer, customer: { ...answer.customer, enteredJustNow: true } };
}
