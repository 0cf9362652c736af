/** The pages of the console that mails lead to: a customer's own, and the operator's. */
export type ConsolePage =
  | '/plan'
  | '/usage'
  | '/license'
  | '/instances'
  | '/money/reconciliation'
  | `/invoices/${string}`
  | `/deployments/${string}`
  | `/customers/${string}`;

/** @param consoleUrl CONSOLE_URL: with a path or without, with a slash at its end or without. @returns the page's address */
export function pageUrl(consoleUrl: string, page: ConsolePage): string {
  const base = new URL(consoleUrl);
  base.search = '';
  base.hash = '';
  base.pathname = `${base.pathname.replace(/\/+$/, '')}${page}`;
  return base.href;
}
