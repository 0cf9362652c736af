import type { PageAnswer, PageCall } from '../page-route.ts';
import { html } from './html.ts';
import { type InvoiceView, viewInvoice } from './invoice-view.ts';
import { page } from './layout.ts';

/** An invoice, to read and to pay: what the file has too. */
export function invoicePage({ simulation, path }: PageCall): PageAnswer {
  const view = viewInvoice(simulation, path['invoice']);
  const content = html`<section><h1>${view.title}</h1><p class="price">${view.total}</p><p class="${view.status === 'paid' ? 'good' : 'soft'}">${view.statusText}</p>
<h2>Billed to</h2><p>${view.billedTo.map((line) => html`${line}<br>`)}</p>
<table class="small">${view.facts.map(([name, value]) => html`<tr><td>${name}</td><td>${value}</td></tr>`)}</table></section>
<section><h1>What it is for</h1>${lines(view)}<table>${view.sums.map(([name, amount]) => sum(name, amount))}</table>
${view.owed === null ? null : html`<form method="post"><button type="submit">Pay ${view.owed}</button></form>`}<p class="small"><a href="/i/${view.id}/pdf">As PDF</a></p></section>`;
  return page(view.title, content);
}

function lines({ lines: rows }: InvoiceView): ReturnType<typeof html> {
  return html`<table>${rows.map(({ description, period, amount }) => html`<tr><td>${description}<br><small class="soft">${period}</small></td><td>${amount}</td></tr>`)}</table>`;
}

function sum(name: string, amount: string): ReturnType<typeof html> {
  if (name !== 'Total' && name !== 'Amount due') return html`<tr><td>${name}</td><td>${amount}</td></tr>`;
  return html`<tr><th>${name}</th><th>${amount}</th></tr>`;
}
