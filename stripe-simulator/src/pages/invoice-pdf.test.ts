import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { findProgram } from '@iotistic/testkit/program';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestShop, type TestShop } from '../billing/test-shop.ts';
import { invoicePdf } from './invoice-pdf.ts';
import { type InvoiceView, viewInvoice } from './invoice-view.ts';

const NAME = 'Zażółć Größe Ærøskøbing Ελλάδα Москва €';
let shop: TestShop<Stripe>;
let first: Stripe.Invoice;
let second: Stripe.Invoice;

beforeAll(async () => {
  shop = await openTestShop(Stripe);
  const { stripe, customer } = shop;
  await stripe.customers.update(customer.id, { name: NAME, address: { line1: 'Große Straße 7', postal_code: '10115', city: 'Łódź', country: 'PL' } });
  const tiers = [{ up_to: 5, unit_amount: 0 }, { up_to: 'inf', unit_amount: 400 }] as const;
  const graduated = async (name: string): Promise<object> => ({ product: (await stripe.products.create({ name })).id, billing_scheme: 'tiered', tiers_mode: 'graduated', tiers });
  const [devices, storage] = [await shop.metered('devices', await graduated('Devices')), await shop.metered('storage', await graduated('Storage'))];
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: (await shop.monthly(2_900)).id }, { price: devices.id }, { price: storage.id }] });
  first = await stripe.invoices.retrieve(subscription.latest_invoice as string);
  await shop.used('devices', '8');
  await shop.days(32);
  second = (await shop.invoices(subscription.id))[0] as Stripe.Invoice;
}, 120_000);
afterAll(() => shop.account.stop());

const fetched = async (invoice: Stripe.Invoice): Promise<Buffer> => Buffer.from(await (await fetch(invoice.invoice_pdf ?? '')).arrayBuffer());
const PDFTOTEXT = findProgram('pdftotext', process.env['PATH'] ?? '');

function textOf(pdf: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-pdf-'));
  try {
    writeFileSync(join(folder, 'invoice.pdf'), pdf);
    return execFileSync(PDFTOTEXT ?? '', ['-layout', '-enc', 'UTF-8', join(folder, 'invoice.pdf'), '-'], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The streams of a PDF, as they were before they were compressed. */
function streamsOf(pdf: Buffer): string[] {
  const streams: string[] = [];
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    if (pdf.subarray(at - 3, at).toString('latin1') === 'end') continue;
    const body = pdf.subarray(at + 7, pdf.indexOf('\nendstream', at));
    streams.push((body[0] === 0x78 ? inflateSync(body) : body).toString('latin1'));
  }
  return streams;
}

const PARTS = ['Billed to', NAME, 'buyer@example.com', 'Große Straße 7', '10115 Łódź', 'Invoice number', 'Date of issue', 'Due date', 'Billing period', 'Paid on', '1 × Plan', '5 × Devices', '3 × Devices', 'Subtotal', 'Tax', 'Total', 'Amount due', '$41.00', '$12.00', '$0.00'];

describe('an invoice as people read it', () => {
  it('is a page that says whose it is, when it is due, what it is for and what it comes to', async () => {
    const page = await (await fetch(second.hosted_invoice_url ?? '')).text();
    for (const part of [...PARTS, second.number ?? '-']) expect(page).toContain(part);
  });

  it('leaves out steps of a price that nothing was used of, which Stripe’s own list has', async () => {
    expect(second.lines.data.map(({ description }) => description)).toContainEqual(expect.stringMatching(/^0 × Storage/));
    const page = await (await fetch(second.hosted_invoice_url ?? '')).text();
    expect(page).not.toContain('Storage');
    expect(await (await fetch(first.hosted_invoice_url ?? '')).text()).not.toContain('0 × ');
  });

  it('is a file that has every letter of it, and the fonts to show them', async () => {
    const pdf = await fetched(second);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const streams = streamsOf(pdf);
    const maps = streams.filter((stream) => stream.includes('beginbfrange') || stream.includes('beginbfchar')).join('\n').toLowerCase();
    for (const letter of `${NAME}×–Łß`.replaceAll(' ', '')) expect(maps).toContain(`<${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}>`);
    expect(pdf.toString('latin1').match(/\/FontFile2/g)).toHaveLength(2);
  });

  // Reads the file by poppler's program, which no part of ours made.
  it.skipIf(PDFTOTEXT === null)('is a file whose text another program reads', async () => {
    const text = textOf(await fetched(second)).replaceAll(/[ \t]+/g, ' ');
    for (const part of [...PARTS, second.number ?? '-', 'Simulated: no money moves', 'page 1 of 1']) expect(text).toContain(part);
    expect(text).not.toMatch(/\?|Storage/);
  });
});

const VIEW: InvoiceView = { id: 'in_1', title: 'Invoice A-1', number: 'A-1', status: 'open', statusText: 'Due on 1 May 2026', billedTo: ['株式会社 Iotistic'], facts: [['Date of issue', '1 May 2026']], lines: [], sums: [['Total', '$1.00']], total: '$1.00', owed: '$1.00' };

describe('a file', () => {
  const many = Array.from({ length: 120 }, (_, index) => ({ description: `${index} × ${'a long name '.repeat(12)}`, period: '1 May 2026 – 1 June 2026', quantity: String(index), amount: '$1.00' }));

  it('has as many pages as its lines need', async () => {
    const pdf = (await invoicePdf({ ...VIEW, lines: many })).toString('latin1');
    const pages = Number(/\/Type \/Pages[^>]*\/Count (\d+)|\/Count (\d+)/.exec(pdf)?.slice(1).find((count) => count !== undefined));
    expect(pages).toBeGreaterThan(5);
  });

  it.skipIf(PDFTOTEXT === null)('loses none of its lines, and numbers its pages', async () => {
    const text = textOf(await invoicePdf({ ...VIEW, lines: many }));
    for (const { description } of many) expect(text).toContain(description.slice(0, 12));
    expect(text).toMatch(/page 2 of \d+/);
  });

  it.skipIf(PDFTOTEXT === null)('shows an empty box for what its font has no letter for, and all letters beside it', async () => {
    expect(textOf(await invoicePdf(VIEW))).toContain('□□□□ Iotistic');
  });
});

it('amounts are in the currency’s own minor unit', async () => {
  const { stripe } = shop;
  const [yen, dinar] = await Promise.all([['jpy', 500], ['kwd', 5_120]].map(async ([currency, amount]) => {
    const customer = await shop.buyer();
    const price = await stripe.prices.create({ product: shop.product.id, currency: String(currency), unit_amount: Number(amount), recurring: { interval: 'month' } });
    const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
    return (await (await fetch((await stripe.invoices.retrieve(subscription.latest_invoice as string)).hosted_invoice_url ?? '')).text()).replaceAll('\u00a0', ' ');
  }));
  expect(yen).toContain('¥500');
  expect(dinar).toContain('KWD 5.120');
});

it('of an invoice that is not there is a plain refusal', () => {
  expect(() => viewInvoice({ store: { get: () => undefined } } as never, 'in_none')).toThrow('No such invoice');
});
