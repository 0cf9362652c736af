import { describe, expect, it } from 'vitest';
import type { InvoiceStatus } from './invoice.ts';
import { type CreditedInvoice, mayCredit, usageCreditStepOf } from './credit.ts';

const invoice = (status: CreditedInvoice['status'], more: Partial<CreditedInvoice> = {}): CreditedInvoice => ({ status, isOfPeriod: true, isGivenBack: false, ...more });

describe('the rest of a period is credited', () => {
  it.each<[name: string, may: boolean, invoices: CreditedInvoice[]]>([
    ['when its invoice is paid', true, [invoice('paid')]],
    ['when an older one is still owed: that is collected by itself', true, [invoice('paid'), invoice('open', { isOfPeriod: false })]],
    ['not while it is a draft', false, [invoice('draft')]],
    ['not while it is open, partly paid or not at all', false, [invoice('open')]],
    ['not when it was taken back', false, [invoice('void')]],
    ['not when it was written off', false, [invoice('uncollectible')]],
    ['not when its payment was given back, or is contested', false, [invoice('paid', { isGivenBack: true })]],
    ['not when one of two that bill it is open', false, [invoice('paid'), invoice('open')]],
    ['when no invoice of it is known and nothing is unpaid', true, [invoice('paid', { isOfPeriod: false }), invoice('void', { isOfPeriod: false })]],
    ['not when no invoice of it is known and something is unpaid', false, [invoice('open', { isOfPeriod: false })]],
    ['when nothing was ever billed', true, []],
  ])('%s', (_name, may, invoices) => {
    expect(mayCredit(invoices)).toBe(may);
  });
});

it('a credit for usage follows the invoice that billed it: it waits for its payment, and falls away with it', () => {
  const steps = Object.fromEntries((['DRAFT', 'OPEN', 'PAID', 'UNCOLLECTIBLE', 'VOID'] as const satisfies InvoiceStatus[]).map((status) => [status, usageCreditStepOf(status)]));
  expect(steps).toEqual({ DRAFT: 'wait', OPEN: 'wait', PAID: 'send', UNCOLLECTIBLE: 'drop', VOID: 'drop' });
  expect(usageCreditStepOf(null)).toBe('send');
});
