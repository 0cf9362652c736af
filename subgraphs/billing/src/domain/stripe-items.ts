import { type Meter, PLAN_KEYS, type PlanKey } from '@iotistic/contracts/events';
import { PRICE_BOOKS, type PriceBook, soldAs } from './price-book.ts';

/** What a price at Stripe says of itself: anybody with access to the dashboard may have written it. */
export interface PriceMarks {
  lookupKey: string | null;
  metadata: Readonly<Record<string, string>>;
}

/** What a price of ours sells: a plan's base (meter null), or a meter of it, by one price book. */
export interface SoldPrice {
  plan: PlanKey;
  book: string;
  meter: Meter | null;
}

/** What is wrong with the marks of a price that names a plan or a book, as those of ours do. */
export type MarkFault = 'UNKNOWN_BOOK' | 'UNKNOWN_PLAN' | 'UNKNOWN_METER';

/** `sold` is null for a price that is none of ours; a fault is null where its marks say nothing, or what they should. */
export interface RecognisedPrice {
  sold: SoldPrice | null;
  fault: MarkFault | null;
}

/**
 * Whether a price is ours. Its metadata decides, which it keeps when its lookup key moves to a newer price; where that does not
 * fit any book of ours, the lookup key does. Never throws: whatever stands there was written by others.
 */
export function recognisePrice({ lookupKey, metadata }: PriceMarks, books: readonly PriceBook[] = PRICE_BOOKS): RecognisedPrice {
  const byKey = lookupKey === null ? null : soldAs(lookupKey, books);
  const plan = metadata['plan'] ?? byKey?.plan;
  const book = metadata['book'] ?? byKey?.book;
  if (plan === undefined && book === undefined) return { sold: null, fault: null };
  const marked = soldBy({ plan, book, meter: metadata['meter'] ?? byKey?.meter ?? null }, books);
  return typeof marked === 'string' ? { sold: byKey, fault: marked } : { sold: marked, fault: null };
}

function soldBy({ plan: planKey, book: bookKey, meter }: { plan: string | undefined; book: string | undefined; meter: string | null }, books: readonly PriceBook[]): SoldPrice | MarkFault {
  const book = books.find(({ key }) => key === bookKey);
  if (book === undefined) return 'UNKNOWN_BOOK';
  // A trial is never sold: whoever pays by a price that says so keeps what it had.
  const plan = PLAN_KEYS.find((key) => key === planKey && key !== 'TRIAL');
  if (plan === undefined) return 'UNKNOWN_PLAN';
  if (meter === null || meter === '') return { plan, book: book.key, meter: null };
  const metered = book.plans.flatMap(({ meteredPrices }) => meteredPrices).find((price) => price.meter === meter);
  return metered === undefined ? 'UNKNOWN_METER' : { plan, book: book.key, meter: metered.meter };
}

/** Whether a price of ours sells this plan by this book. */
export function isSold({ plan, book }: { plan: string | undefined; book: string | undefined }, books: readonly PriceBook[] = PRICE_BOOKS): boolean {
  return typeof soldBy({ plan, book, meter: null }, books) !== 'string';
}
