import type { Seconds } from './simulation.ts';
import type { StripeObject } from './store.ts';
import { StripeError } from './stripe-error.ts';

/** What every list takes, as `listParams` leaves it. */
export interface PageParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
}

export type CreatedRange = Seconds | { gt?: Seconds | undefined; gte?: Seconds | undefined; lt?: Seconds | undefined; lte?: Seconds | undefined };

export interface ListAnswer<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

const DEFAULT_LIMIT = 10;

/**
 * One page of records, which are given oldest first and answered newest first. With `ending_before` it is the page right
 * before that one.
 * @throws StripeError when the cursor names none of them.
 */
export function list<T extends { id: string }>(records: readonly T[], page: PageParams, url: string): ListAnswer<T> {
  return listInOrder(records.toReversed(), page, url);
}

/** All of them at once, as they stand within another object. */
export function wholeList<T>(data: T[], url: string): ListAnswer<T> & { total_count: number } {
  return { object: 'list', data, has_more: false, total_count: data.length, url };
}

/** As `list`, of records that are given in the order in which they are answered. */
export function listInOrder<T extends { id: string }>(records: readonly T[], page: PageParams, url: string): ListAnswer<T> {
  if (page.starting_after !== undefined && page.ending_before !== undefined) throw StripeError.invalid('You can only supply one of starting_after or ending_before.');
  const limit = page.limit ?? DEFAULT_LIMIT;
  if (page.ending_before !== undefined) {
    const end = indexOf(records, page.ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: records.slice(start, end), has_more: start > 0, url };
  }
  const start = page.starting_after === undefined ? 0 : indexOf(records, page.starting_after, 'starting_after') + 1;
  return { object: 'list', data: records.slice(start, start + limit), has_more: records.length > start + limit, url };
}

export function createdIn<T extends StripeObject>(records: readonly T[], range: CreatedRange | undefined): T[] {
  if (range === undefined) return [...records];
  return records.filter(({ created }) => isWithin(created as Seconds, range));
}

/** An answer of a search: the same, page by page by number. */
export function searchPage(records: readonly object[], params: { limit?: number | undefined; page?: string | undefined }, url: string): object {
  const limit = params.limit ?? DEFAULT_LIMIT;
  const start = params.page === undefined ? 0 : Number(params.page);
  if (!Number.isSafeInteger(start) || start < 0) throw StripeError.invalid(`Invalid page: ${params.page}`, { param: 'page' });
  const newestFirst = records.toReversed();
  const has_more = newestFirst.length > start + limit;
  return { object: 'search_result', data: newestFirst.slice(start, start + limit), has_more, next_page: has_more ? String(start + limit) : null, url };
}

function isWithin(time: Seconds, range: CreatedRange): boolean {
  if (typeof range === 'number') return time === range;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return time > gt && time >= gte && time < lt && time <= lte;
}

function indexOf(records: readonly { id: string }[], id: string, param: string): number {
  const index = records.findIndex((record) => record.id === id);
  if (index === -1) throw StripeError.invalid(`No such object: '${id}'`, { code: 'resource_missing', param });
  return index;
}
