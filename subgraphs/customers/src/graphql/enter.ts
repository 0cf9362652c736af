import type { Customer } from '../domain/customer.ts';
import type { OpenedSession } from '../service/open-session.ts';
import type { Context } from './context.ts';

/** Who has signed up or logged in is who asks from here on, of the other subgraphs too: the password was the credential, the request carries none yet. */
export function enter<A extends { customer: Customer; session: OpenedSession }>(context: Context, answer: A): A {
  context.caller = { kind: 'user', customerId: answer.customer.id, userId: answer.session.userId, sessionId: answer.session.id };
  return answer;
}
