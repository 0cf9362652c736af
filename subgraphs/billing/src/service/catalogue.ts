import { AppError } from '@iotistic/contracts/errors';
import type { Meter, PlanKey } from '@iotistic/contracts/events';
import { ensurePortal, findMeterOfPrice, findPrices } from '../clients/stripe-catalogue.ts';
import type { StripeAccess } from '../clients/stripe.ts';
import type { PlanPrices } from '../clients/stripe-subscriptions.ts';
import { bookAt, planIn, PRICE_BOOKS } from '../domain/price-book.ts';

/** Stripe's ids of what is sold, found by lookup keys, kept while they hold. */
export class Catalogue {
  readonly #access: StripeAccess | null;
  readonly #prices = new Map<string, string>();
  readonly #meters = new Map<string, Meter | null>();
  #portal: string | null = null;

  constructor(access: StripeAccess | null) {
    this.#access = access;
  }

  /** @throws AppError PLAN_NOT_SOLD; UNAVAILABLE when the catalogue was not synced to Stripe yet */
  async pricesOf(plan: PlanKey, now: Date): Promise<PlanPrices & { book: string }> {
    const book = bookAt(PRICE_BOOKS, now);
    const { lookupKey, meteredPrices } = planIn(book, plan);
    if (lookupKey === null) throw new AppError('CONFLICT', 'PLAN_NOT_SOLD');
    const keys = [lookupKey, ...meteredPrices.map((price) => price.lookupKey)];
    if (keys.some((key) => !this.#prices.has(key))) await this.#read(keys);
    const idOf = (key: string): string => {
      const id = this.#prices.get(key);
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
    this.#meters.set(priceId, meter);
    return meter;
  }

  /** What is known may have changed. */
  forget(): void {
    this.#prices.clear();
    this.#portal = null;
  }

  async #read(keys: readonly string[]): Promise<void> {
    for (const [key, price] of await findPrices(this.#access, keys)) this.#prices.set(key, price.id);
  }
}
