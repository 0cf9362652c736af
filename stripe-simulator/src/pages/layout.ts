import type { PageAnswer } from '../page-route.ts';
import { Html, html } from './html.ts';

const STYLE = `
:root{--ink:#1a2332;--soft:#5b6b80;--line:#e1e7ef;--accent:#0a5bd8;--bad:#b3261e;--good:#12704a;--paper:#fff;--ground:#f4f6fa}
@media(prefers-color-scheme:dark){:root{--ink:#e3e9f1;--soft:#9fb0c5;--line:#2c3747;--accent:#7db0ff;--bad:#ff9d94;--good:#6fd3a4;--paper:#17202c;--ground:#0f151d}}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
.banner{background:#7a4b00;color:#fff;text-align:center;padding:.4rem 1rem;font-size:.875rem}
main{max-width:58rem;margin:2.5rem auto;padding:0 1rem;display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr))}
section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:1.75rem}
h1{font-size:1.35rem;margin:0 0 .25rem}h2{font-size:1rem;margin:1.5rem 0 .5rem}.price{font-size:2.1rem;font-weight:650;letter-spacing:-.02em}
.soft{color:var(--soft)}small,.small{font-size:.875rem}table{width:100%;border-collapse:collapse}td,th{padding:.45rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top}td:last-child,th:last-child{text-align:right;white-space:nowrap}
label{display:block;margin:.9rem 0 .3rem;font-weight:550}input{width:100%;padding:.65rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:8px}
button{width:100%;margin-top:1.25rem;padding:.75rem;font:inherit;font-weight:600;color:#fff;background:#0a5bd8;border:0;border-radius:8px;cursor:pointer}button.plain{background:transparent;color:var(--accent);border:1px solid var(--line)}
code{white-space:nowrap}.small td:last-child{white-space:normal}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}a{color:var(--accent)}
.bad{color:var(--bad);border:1px solid currentColor;border-radius:8px;padding:.6rem .8rem}.good{color:var(--good)}`;

/** A page of the simulation: no script, one style sheet, and a banner that says what it is. */
export function page(title: string, content: Html, status = 200): PageAnswer {
  const body = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${new Html(STYLE)}</style></head>
<body><div class="banner">Simulated Stripe: no money moves</div>
<main>${content}</main>
</body></html>`;
  return { status, headers: {}, body: body.text };
}

export function redirect(to: string): PageAnswer {
  return { status: 303, headers: { location: to }, body: '' };
}
