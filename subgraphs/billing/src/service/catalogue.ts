import { AppError } from '@iotistic/contracts/errors';
import type { Meter, PlanKey } from '@iotistic/contracts/events';
import { ensurePortal, findMeterOfPrice, findSellablePrices } from '../clients/stripe-catalogue.ts';
import type { StripeAccess } from '../clients/stripe.ts';
import type { PlanPrices } from '../clients/stripe-subscriptions.ts';
import { bookAt, planIn, PRICE_BOOKS } from '../domain/price-book.ts';

/** Prices that others make are among those that are looked up. */
const MAX_KNOWN = 1_000;

/** Stripe's ids of what is sold, found by lookup keys; those that cannot change are kept. */
export class Catalogue {
  readonly #access: StripeAccess | null;
  readonly #meters = new Map<string, Meter | null>();
  #portal: string | null = null;

  constructor(access: StripeAccess | null) {
    this.#access = access;
  }

  /**
   * Read each time: what somebody archived a moment ago is not sold.
   * @throws AppError PLAN_NOT_SOLD; CATALOGUE_NOT_SYNCED when Stripe does not sell it, or not any more
   */
  async pricesOf(plan: PlanKey, now: Date): Promise<PlanPrices & { book: string }> {
    const book = bookAt(PRICE_BOOKS, now);
    const { lookupKey, meteredPrices } = planIn(book, plan);
    if (lookupKey === null) throw new AppError('CONFLICT', 'PLAN_NOT_SOLD');
    const keys = [lookupKey, ...meteredPrices.map((price) => price.lookupKey)];
    const prices = await findSellablePrices(this.#access, keys);
    const idOf = (key: string): string => {
      const id = prices.get(key);
      if (id === undefined) throw new AppError('UNAVAILABLE', 'CATALOGUE_NOT_SYNCED', undefined, { details: { lookupKey: key } });
      return id;
    };
    return { book: book.key, basePriceId: idOf(lookupKey), meteredPriceIds: new Map<Meter, string>(meteredPrices.map((price) => [price.meter, idOf(price.lookupKey)])) };
  }

  async portal(): Promise<string> {
    this.#portal ??= (await ensurePortal(this.#access)).id;
    return this.#portal;
  }

  /** Of any price that ever was: what is on an old invoice too. */
  async meterOfPrice(priceId: string): Promise<Meter | null> {
    const known = this.#meters.get(priceId);
    if (known !== undefined) return known;
    const meter = await findMeterOfPrice(this.#access, priceId);
    if (this.#meters.size >= MAX_KNOWN) this.#meters.clear();
    this.#meters.set(priceId, meter);
    return meter;
  }

  /** What is known may have changed. */
  forget(): void {
    this.#meters.clear();
    this.#portal = null;
  }
}
