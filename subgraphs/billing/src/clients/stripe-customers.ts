import type Stripe from 'stripe';
import { callStripe, mayHaveApplied, type StripeAccess, unlessMissing } from './stripe.ts';

const MAX_ATTEMPTS = 3;

/** Deleted is what somebody took away; missing what this account never had. */
export type CustomerAtStripe = { id: string; customerId: string | null } | 'deleted' | 'missing';

/** A customer at Stripe, and whose of ours it says it is. */
export async function readStripeCustomer(access: StripeAccess | null, id: string): Promise<CustomerAtStripe> {
  const customer = await unlessMissing(callStripe(access, (stripe) => stripe.customers.retrieve(id)));
  if (customer === null) return 'missing';
  return customer.deleted === true ? 'deleted' : { id: customer.id, customerId: customer.metadata['customer_id'] ?? null };
}

/**
 * Finds or makes it. A process may die between Stripe's answer and our note of it: for a day the key finds it again, and
 * later the list by e-mail does.
 * @param customer.instead the one that is gone: for a day the old key would answer with it.
 */
export async function ensureStripeCustomer(access: StripeAccess | null, customer: { customerId: string; email: string | null; name: string | null; instead: string | null }): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findByEmail(access, customer);
    if (found !== null) return found;
    try {
      return await create(access, customer, `customer:${customer.customerId}:${customer.email ?? ''}:${customer.instead === null ? '' : `${customer.instead}:`}${attempt}`);
    } catch (error) {
      // Stripe repeats its failure for the same key; whether it was made after all, the list says.
      if (!mayHaveApplied(error) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function findByEmail(access: StripeAccess | null, { customerId, email }: { customerId: string; email: string | null }): Promise<string | null> {
  if (email === null) return null;
  return callStripe(access, async (stripe) => {
    for await (const each of stripe.customers.list({ email, limit: 100 })) if (each.metadata['customer_id'] === customerId) return each.id;
    return null;
  });
}

async function create(access: StripeAccess | null, { customerId, email, name }: { customerId: string; email: string | null; name: string | null }, idempotencyKey: string): Promise<string> {
  const params: Stripe.CustomerCreateParams = { metadata: { customer_id: customerId }, ...(email === null ? {} : { email }), ...(name === null ? {} : { name }) };
  return (await callStripe(access, (stripe) => stripe.customers.create(params, { idempotencyKey }))).id;
}

/** @returns false where it is not there any more. */
export async function updateStripeCustomer(access: StripeAccess | null, id: string, names: { email: string | null; name: string | null }): Promise<boolean> {
  const updated = await unlessMissing(callStripe(access, (stripe) => stripe.customers.update(id, { ...(names.email === null ? {} : { email: names.email }), ...(names.name === null ? {} : { name: names.name }) })));
  return updated !== null;
}
