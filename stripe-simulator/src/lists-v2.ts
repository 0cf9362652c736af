import { StripeError } from './stripe-error.ts';

const DEFAULT_LIMIT = 20;

/** A page of version 2: newest first, with the addresses of the pages around it. */
export function pageV2(records: readonly object[], { limit = DEFAULT_LIMIT, page, ...filters }: { limit?: number | undefined; page?: string | undefined; [filter: string]: unknown }, path: string): object {
  const start = page === undefined ? 0 : Number(page);
  if (!Number.isSafeInteger(start) || start < 0) throw StripeError.invalid(`Invalid page: ${page}`, { param: 'page' });
  const query = Object.entries(filters).flatMap(([name, value]) => queryOf(name, value));
  const urlOf = (from: number): string => `${path}?${[`limit=${limit}`, `page=${from}`, ...query].join('&')}`;
  return {
    data: records.toReversed().slice(start, start + limit),
    next_page_url: records.length > start + limit ? urlOf(start + limit) : null,
    previous_page_url: start > 0 ? urlOf(Math.max(0, start - limit)) : null,
  };
}

function queryOf(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, field]) => queryOf(`${name}[${key}]`, field));
  return [`${name}=${encodeURIComponent(String(value as string | number | boolean))}`];
}
