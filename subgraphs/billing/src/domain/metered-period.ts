import type { Meter } from '@iotistic/contracts/events';
import { PRICE_BOOKS, type PriceBook } from './price-book.ts';

/** Names what one meter came to in one period; usage knows what it is made of. */
export interface MeteredPeriodKey {
  customerId: string;
  meter: Meter;
  periodStart: Date;
}

/** What is billed of a meter (device, GB, …): all prices of a meter agree on it. null for one that no plan bills. */
export function billedUnitOf(meter: Meter, books: readonly PriceBook[] = PRICE_BOOKS): string | null {
  return books.flatMap(({ plans }) => plans.flatMap(({ meteredPrices }) => meteredPrices)).find((price) => price.meter === meter)?.unit ?? null;
}
