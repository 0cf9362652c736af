import type { BootedPlane } from '@iotistic/testkit/boot';
import { Stripe } from 'stripe';

/** More than a day has faults. */
const TRIES = 60;

/** Calls fail here as they do for the plane; what Stripe refuses is part of a life. */
async function tried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const isRefusal = error instanceof Stripe.errors.StripeInvalidRequestError || error instanceof Stripe.errors.StripeCardError;
      if (isRefusal || attempt === TRIES) throw error;
    }
  }
}

async function customerIdOf(stripe: Stripe, email: string): Promise<string | null> {
  return (await tried(() => stripe.customers.list({ email, limit: 1 }))).data[0]?.id ?? null;
}

/** The newest payment that nobody touched. */
async function untouchedCharge(stripe: Stripe, email: string): Promise<Stripe.Charge | null> {
  const customer = await customerIdOf(stripe, email);
  if (customer === null) return null;
  const { data } = await tried(() => stripe.charges.list({ customer, limit: 100 }));
  return data.find(({ disputed, amount_refunded: refunded }) => !disputed && refunded === 0) ?? null;
}

/** The customer's bank takes a payment back, or asks about it; it is decided at once, or stays open. */
export async function disputePayment(booted: BootedPlane, stripe: Stripe, email: string, { ends, isInquiry }: { ends: 'won' | 'lost' | 'open'; isInquiry: boolean }): Promise<string> {
  const charge = await untouchedCharge(stripe, email);
  if (charge === null) return 'nothing was paid';
  const { id } = await booted.simulate<{ id: string }>('/_sim/disputes', { charge: charge.id, inquiry: isInquiry });
  if (ends !== 'open') await booted.simulate(`/_sim/disputes/${id}/close`, { outcome: ends });
  return `${id}: ${ends}`;
}

/** Somebody gives back a part of the newest payment in Stripe's dashboard. */
export async function refundPayment(stripe: Stripe, email: string, percent: number): Promise<string> {
  const charge = await untouchedCharge(stripe, email);
  if (charge === null) return 'nothing was paid';
  const amount = Math.max(1, Math.floor((charge.amount * percent) / 100));
  await tried(() => stripe.refunds.create({ charge: charge.id, amount })).catch((error: unknown) => {
    // The answer to the first try was lost: it is given back.
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
  });
  return `${amount} given back`;
}

/** All cards expire, or are taken off. */
export async function loseCards(stripe: Stripe, email: string): Promise<string> {
  const customer = await customerIdOf(stripe, email);
  if (customer === null) return 'no cards';
  const { data } = await tried(() => stripe.paymentMethods.list({ customer, limit: 100 }));
  for (const { id } of data) await tried(() => stripe.paymentMethods.detach(id)).catch(() => undefined);
  return `${data.length} cards taken off`;
}

/** Somebody makes a price by the year in the dashboard and puts the customer on it; the meters go on by the month. */
export async function payByTheYear(stripe: Stripe, email: string): Promise<string> {
  const customer = await customerIdOf(stripe, email);
  const { data } = customer === null ? { data: [] } : await tried(() => stripe.subscriptions.list({ customer, status: 'active', limit: 1 }));
  const [subscription] = data;
  const base = subscription?.items.data.find(({ price }) => price.recurring?.usage_type !== 'metered');
  if (subscription === undefined || base === undefined || base.price.recurring?.interval === 'year') return 'nothing to be put on it';
  const { product, metadata, currency, unit_amount: monthly } = base.price;
  const price = await tried(() => stripe.prices.create({ product: product as string, currency, unit_amount: (monthly ?? 0) * 10, recurring: { interval: 'year' }, metadata }));
  return tried(() => stripe.subscriptions.update(subscription.id, { items: [{ id: base.id, price: price.id, quantity: 1 }], proration_behavior: 'always_invoice' })).then(
    () => 'by the year',
    (error: unknown) => `refused: ${String(error).slice(0, 120)}`,
  );
}
