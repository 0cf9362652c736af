import { type InvoiceRecord, INVOICES } from '../billing/billing-records.ts';
import { moneyText } from '../billing/lines.ts';
import { getObject } from '../find-object.ts';
import type { PageAnswer, PageCall, PageRoute } from '../page-route.ts';

const LINE_HEIGHT = 16;
const MAX_LINES = 44;

/** The least that a PDF is: one page of plain text lines (PDF 1.4, with the standard font that needs no file). */
export function textPdf(lines: readonly string[]): Buffer {
  const escaped = lines.slice(0, MAX_LINES).map((line) => `(${line.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/[\\()]/g, '\\$&')}) Tj T*`);
  const content = `BT /F1 11 Tf ${LINE_HEIGHT} TL 56 780 Td ${escaped.join('\n')} ET`;
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>', `<< /Length ${content.length} >>\nstream\n${content}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

function invoicePdf({ simulation, path }: PageCall): PageAnswer {
  const invoice = getObject<InvoiceRecord>(simulation, INVOICES, path['invoice']);
  const lines = [`Invoice ${invoice.number ?? '(draft)'}`, `Simulated: no money moves`, `Status: ${invoice.status}`, '', ...invoice.lines.data.map((line) => `${moneyText(line.amount, line.currency).padStart(12)}   ${line.description}`), ...invoice.total_discount_amounts.map(({ amount }) => `${moneyText(-amount, invoice.currency).padStart(12)}   Discount`), '', `${moneyText(invoice.total, invoice.currency).padStart(12)}   Total`];
  return { status: 200, headers: { 'content-type': 'application/pdf', 'content-disposition': `inline; filename="${invoice.number ?? invoice.id}.pdf"` }, body: textPdf(lines) };
}

export const pdfPages: PageRoute[] = [{ method: 'GET', path: '/i/:invoice/pdf', run: invoicePdf }];
