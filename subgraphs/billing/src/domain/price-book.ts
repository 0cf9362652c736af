import type { Meter, PlanKey } from '@iotistic/contracts/events';
import { PLAN_CATALOGUE, type Plan } from './plan-catalogue.ts';
import { faultsOfBooks } from './price-book-faults.ts';

/** All that is sold from a day on. A subscription is priced by the book it was bought under, for as long as it lasts. */
export interface PriceBook {
  key: string;
  /** The first book also holds for all time before it. */
  from: Date;
  /** Cheapest first, and last what is sold by contract. */
  plans: readonly Plan[];
}

/** Oldest first. @throws Error that names every fault: a plane with wrong prices does not start */
export function loadBooks(books: readonly PriceBook[]): readonly PriceBook[] {
  const faults = faultsOfBooks(books);
  if (faults.length > 0) throw new Error(`the price books are wrong:\n${faults.join('\n')}`);
  return books;
}

export const PRICE_BOOKS = loadBooks([{ key: '2026-11', from: new Date('2026-11-01T00:00:00.000Z'), plans: PLAN_CATALOGUE }]);

/** The book that things are sold by at this time. */
export function bookAt(books: readonly PriceBook[], at: Date): PriceBook {
  const book = books.findLast(({ from }) => from <= at) ?? books[0];
  if (book === undefined) throw new Error('there is no price book');
  return book;
}

/** @throws Error for a key that is not known here: somebody sold by a book of a later version of ours */
export function bookOf(key: string, books: readonly PriceBook[] = PRICE_BOOKS): PriceBook {
  const book = books.find((each) => each.key === key);
  if (book === undefined) throw new Error(`no price book ${key}`);
  return book;
}

export function planIn(book: PriceBook, key: PlanKey): Plan {
  const plan = book.plans.find((each) => each.key === key);
  if (plan === undefined) throw new Error(`no plan ${key} in the price book ${book.key}`);
  return plan;
}

/** What Stripe's price with this lookup key sells: a plan's base (meter null) or a meter of it; null where it is none of ours. */
export function soldAs(lookupKey: string, books: readonly PriceBook[] = PRICE_BOOKS): { book: string; plan: PlanKey; meter: Meter | null } | null {
  for (const { key: book, plans } of books) {
    for (const { key: plan, lookupKey: base, meteredPrices } of plans) {
      if (base === lookupKey) return { book, plan, meter: null };
      const metered = meteredPrices.find((price) => price.lookupKey === lookupKey);
      if (metered !== undefined) return { book, plan, meter: metered.meter };
    }
  }
  return null;
}
