import type Stripe from 'stripe';
import { callStripe, mayHaveApplied, type StripeAccess, stripeCodeOf } from './stripe.ts';

const MAX_ATTEMPTS = 3;

/** Our customer's at Stripe. @returns null where there is none, or it was deleted. */
export async function findStripeCustomer(access: StripeAccess | null, id: string): Promise<{ id: string; customerId: string | null } | null> {
  try {
    const customer = await callStripe(access, (stripe) => stripe.customers.retrieve(id));
    return customer.deleted === true ? null : { id: customer.id, customerId: customer.metadata['customer_id'] ?? null };
  } catch (error) {
    if (stripeCodeOf(error) === 'resource_missing') return null;
    throw error;
  }
}

/**
 * Finds or makes it. A process may die between Stripe's answer and our note of it: for a day the key finds it again, and
 * later the list by e-mail does.
 */
export async function ensureStripeCustomer(access: StripeAccess | null, customer: { customerId: string; email: string | null; name: string | null }): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findByEmail(access, customer);
    if (found !== null) return found;
    try {
      return await create(access, customer, `customer:${customer.customerId}:${customer.email ?? ''}:${attempt}`);
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

export async function updateStripeCustomer(access: StripeAccess | null, id: string, names: { email: string | null; name: string | null }): Promise<void> {
  await callStripe(access, (stripe) => stripe.customers.update(id, { ...(names.email === null ? {} : { email: names.email }), ...(names.name === null ? {} : { name: names.name }) }));
}
