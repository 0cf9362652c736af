import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { BillingApp } from '../app.ts';
import { chargeOwedInvoice } from '../clients/stripe-collection.ts';
import { type CopiedInvoice, readStripeInvoice } from '../clients/stripe-invoices.ts';
import { invoiceOwedMail } from '../domain/money-mails.ts';
import { type InvoiceCollection, nextCollectionAt, owedStepOf } from '../domain/owed-invoice.ts';
import { drawReadTicket, findCustomer, lockCustomer } from '../repository/customers.ts';
import { saveInvoices } from '../repository/invoices.ts';
import { listOwedInvoices, type OwedInvoice, saveCollection } from '../repository/owed-invoices.ts';
import { oneAtATime } from './billing-customer.ts';

type Collecting = Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'log' | 'config' | 'catalogue' | 'exclusive'>;

const MAX_INVOICES = 100;

/**
 * Invoices that are owed after the end of what they are of: Stripe tries no more, and the card is on a subscription that is over. Each is
 * charged with the cards that paid before; where none pays, its customer gets a mail with the page where it can be paid, and it
 * stays in the overview until it is paid, void or written off. Each is read from Stripe first, also of a customer that was deleted there.
 */
export async function collectOwedInvoices(app: Collecting, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  if (app.stripe === null) return;
  const now = app.clock.now();
  await rounds.run({
    limit: MAX_INVOICES,
    list: (except, limit) => listOwedInvoices(app.db, now, except, limit),
    keyOf: ({ id }) => id,
    each: (owed) => oneAtATime(app, owed.customerId, () => collectOne(app, owed)),
    failed: (err, { id, customerId }) => app.log.warn({ err, invoice: id, customerId }, 'an invoice that is owed waits to be collected'),
    signal,
  });
}

async function collectOne(app: Collecting, owed: OwedInvoice): Promise<void> {
  const { invoice, collection } = await readAgain(app, owed);
  if (invoice === null || invoice.status !== 'OPEN' || invoice.amountDue === 0 || invoice.nextAttemptAt !== null) return;
  const collections = owed.collections + 1;
  const step = owedStepOf(collection, owed.collections);
  const { stripeCustomerId } = collection;
  if (step === 'charge' && stripeCustomerId !== null && (await chargeOwedInvoice(app.stripe, { ...owed, stripeCustomerId, createdAt: invoice.createdAt }))) {
    app.log.info({ customerId: owed.customerId, invoice: owed.id, amount: invoice.amountDue }, 'what was owed after the end is paid by a card that paid before');
    await readAgain(app, owed);
    return;
  }
  const known = await findCustomer(app.db, owed.customerId);
  const to = known?.email ?? null;
  if (to === null) app.log.warn({ customerId: owed.customerId, invoice: owed.id }, 'a customer without an address gets no mail');
  const now = app.clock.now();
  await app.db.transaction().execute(async (tx) => {
    await saveCollection(tx, owed.id, collections, nextCollectionAt(collections, now));
    if (step !== 'charge' || to === null) return;
    await enqueueMail(tx, { ...invoiceOwedMail(invoice, { name: known?.licenseName ?? to, consoleUrl: app.config.CONSOLE_URL }), to, at: now });
  });
}

/** Its copy as Stripe has it now; one that is gone there is looked for again later. */
async function readAgain(app: Collecting, owed: OwedInvoice): Promise<{ invoice: CopiedInvoice | null; collection: InvoiceCollection }> {
  const { ticket } = await app.db.transaction().execute((tx) => drawReadTicket(tx, owed.customerId));
  const read = await readStripeInvoice(app.stripe, owed.stripeInvoiceId, (priceId) => app.catalogue.meterOfPrice(priceId));
  await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, owed.customerId);
    if (read === null) await saveCollection(tx, owed.id, owed.collections + 1, nextCollectionAt(owed.collections + 1, app.clock.now()));
    else await saveInvoices(tx, [{ ...read.copy, customerId: owed.customerId }], ticket);
  });
  return { invoice: read?.copy ?? null, collection: read?.collection ?? { stripeCustomerId: null, subscriptionStatus: null, billingReason: null, isCharged: false } };
}
