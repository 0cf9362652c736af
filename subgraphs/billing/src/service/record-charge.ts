import type { Tx } from '@iotistic/chassis/database';
import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import { derivedId } from '@iotistic/contracts/ids';
import type { BillingApp } from '../app.ts';
import { type ChargeReading, sumRefunds } from '../clients/stripe-charges.ts';
import type { Dispute } from '../domain/dispute.ts';
import { disputeMail } from '../domain/money-mails.ts';
import { lockCustomer } from '../repository/customers.ts';
import { findInvoiceNumber, saveDispute, saveRefunded } from '../repository/disputes.ts';
import type { BillingTables } from '../repository/tables.ts';
import { copyInvoices } from './copy-invoices.ts';

/**
 * What became of a payment: what was given back of its invoice, and whether a bank contests it. The operator gets a mail, once for each
 * dispute. The subscription stays as it is. In the customer's turn.
 */
export async function recordCharge(app: Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'catalogue' | 'work' | 'config' | 'log'>, customerId: string, charge: ChargeReading): Promise<void> {
  await copyInvoices(app, customerId);
  const refunds: { invoiceId: string; amount: number }[] = [];
  for (const stripeInvoiceId of charge.stripeInvoiceIds) refunds.push({ invoiceId: derivedId('invc', stripeInvoiceId), amount: await sumRefunds(app.stripe, stripeInvoiceId) });
  await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customerId);
    for (const { invoiceId, amount } of refunds) await saveRefunded(tx, invoiceId, amount);
    for (const each of charge.disputes) {
      const dispute: Dispute = { ...each, customerId, invoiceId: refunds[0]?.invoiceId ?? null };
      await saveDispute(tx, dispute);
      await mailOperator(app, tx, dispute, known.licenseName ?? customerId);
    }
  });
  for (const { id, status } of charge.disputes) app.log.info({ customerId, dispute: id, status }, 'a payment is disputed');
}

async function mailOperator(app: Pick<BillingApp, 'clock' | 'config'>, tx: Tx<BillingTables>, dispute: Dispute, name: string): Promise<void> {
  const { OPERATOR_EMAIL: to, CONSOLE_URL: consoleUrl } = app.config;
  if (to === undefined) return;
  const invoiceNumber = dispute.invoiceId === null ? null : await findInvoiceNumber(tx, dispute.invoiceId);
  await enqueueMail(tx, { ...disputeMail(dispute, { name, invoiceNumber, consoleUrl }), to, at: app.clock.now() });
}
