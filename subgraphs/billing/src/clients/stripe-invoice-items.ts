import { METERS, type Meter } from '@iotistic/contracts/events';
import type Stripe from 'stripe';
import { z } from 'zod';
import { listCardsThatPaid } from './stripe-charges.ts';
import { callStripe, type StripeAccess } from './stripe.ts';

/** What marks an item of ours: by it the invoice's line is known, and found again after an answer was lost. */
export const TRUE_UP_KEY = 'iotistic_true_up';
/** What it stands for: a plane that was put back to a backup knows it again by that. */
const TRUE_UP_OF_KEY = 'iotistic_true_up_of';

export interface TrueUpSubject {
  meter: Meter;
  periodStart: Date;
  fromUnits: number;
  toUnits: number;
}

export interface InvoiceItemToMake {
  stripeCustomerId: string;
  /** null bills it with whatever invoice comes. */
  stripeSubscriptionId: string | null;
  trueUpId: string;
  of: TrueUpSubject;
  /** Minor units; below zero is a credit. */
  amount: number;
  currency: string;
  description: string;
}

/** Waits for the customer's next invoice. The same again, within a day, answers what was made. @returns Stripe's id */
export async function createInvoiceItem(access: StripeAccess | null, item: InvoiceItemToMake): Promise<string> {
  const params: Stripe.InvoiceItemCreateParams = {
    customer: item.stripeCustomerId,
    ...(item.stripeSubscriptionId === null ? {} : { subscription: item.stripeSubscriptionId }),
    amount: item.amount,
    currency: item.currency.toLowerCase(),
    description: item.description,
    metadata: { [TRUE_UP_KEY]: item.trueUpId, [TRUE_UP_OF_KEY]: encodeSubject(item.of) },
  };
  return (await callStripe(access, (stripe) => stripe.invoiceItems.create(params, { idempotencyKey: `true-up-${item.trueUpId}` }))).id;
}

/** One that was made earlier, billed or not; null where there is none. */
export async function findInvoiceItem(access: StripeAccess | null, stripeCustomerId: string, trueUpId: string): Promise<string | null> {
  return callStripe(access, async (stripe) => {
    for await (const item of stripe.invoiceItems.list({ customer: stripeCustomerId, limit: 100 })) if (item.metadata?.[TRUE_UP_KEY] === trueUpId) return item.id;
    return null;
  });
}

/** For a customer without a subscription, who has no next invoice: bills all that waits, with a card that paid before where there is one. @param of.key the same key makes no second one */
export async function invoiceWhatWaits(access: StripeAccess | null, stripeCustomerId: string, of: { key: string; now: Date }): Promise<void> {
  const [card] = await listCardsThatPaid(access, stripeCustomerId, of.now);
  await callStripe(access, async (stripe) => {
    const { data: waiting } = await stripe.invoiceItems.list({ customer: stripeCustomerId, pending: true, limit: 1 });
    if (waiting.length === 0) return;
    await stripe.invoices.create({ customer: stripeCustomerId, auto_advance: true, pending_invoice_items_behavior: 'include', ...(card === undefined ? {} : { default_payment_method: card }), description: 'Usage that was known after your last invoice' }, { idempotencyKey: `true-up-invoice-${of.key}-${card ?? 'none'}` });
  });
}

/** An item of ours as Stripe has it. */
export interface FoundTrueUp extends TrueUpSubject {
  id: string;
  stripeItemId: string;
  amount: number;
  currency: string;
  description: string;
}

/** All that this customer was ever billed, or is going to be, beside an invoice of its own; older ones that do not say what they stand for are left out. */
export async function listTrueUpItems(access: StripeAccess | null, stripeCustomerId: string): Promise<FoundTrueUp[]> {
  return callStripe(access, async (stripe) => {
    const found: FoundTrueUp[] = [];
    for await (const item of stripe.invoiceItems.list({ customer: stripeCustomerId, limit: 100 })) {
      const id = item.metadata?.[TRUE_UP_KEY];
      const of = decodeSubject(item.metadata?.[TRUE_UP_OF_KEY]);
      if (id !== undefined && of !== null) found.push({ id, ...of, stripeItemId: item.id, amount: item.amount, currency: item.currency.toUpperCase(), description: item.description ?? '' });
    }
    return found;
  });
}

const subjectSchema = z.tuple([z.enum(METERS), z.iso.datetime().transform((text) => new Date(text)), z.coerce.number().int(), z.coerce.number().int()]);

function encodeSubject({ meter, periodStart, fromUnits, toUnits }: TrueUpSubject): string {
  return [meter, periodStart.toISOString(), fromUnits, toUnits].join(' ');
}

function decodeSubject(text: string | undefined): TrueUpSubject | null {
  const parsed = subjectSchema.safeParse(text?.split(' '));
  if (!parsed.success) return null;
  const [meter, periodStart, fromUnits, toUnits] = parsed.data;
  return { meter, periodStart, fromUnits, toUnits };
}
