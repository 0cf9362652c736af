import type { BillingApp } from '../app.ts';
import { baseProductOf, baseTerms, createPrice, ensureMeter, ensurePortal, ensureProduct, findPrices, meetsTerms, meterProductOf, meteredTerms, type PriceTerms, type SyncedThing, type SyncOptions } from '../clients/stripe-catalogue.ts';
import type { MeteredPrice, Plan } from '../domain/plan-catalogue.ts';
import { bookAt, PRICE_BOOKS } from '../domain/price-book.ts';
import { BILLED_METERS, METER_EVENT_NAMES } from '../domain/stripe-meters.ts';

/**
 * Makes Stripe sell what the catalogue says: meters, products, prices and the portal, found by names of ours and never by an
 * id in the environment. Again it changes nothing. A price that changed is a new one; who bought the old one keeps it. Each
 * thing that stands on an invoice has a product of its own, for Stripe names a line by that. What was archived is sold again.
 * @throws AppError STRIPE_UNAVAILABLE, STRIPE_NOT_CONFIGURED
 */
export async function syncCatalogue(app: Pick<BillingApp, 'stripe' | 'clock' | 'catalogue'>, options: SyncOptions = { dryRun: false }): Promise<SyncedThing[]> {
  const done: SyncedThing[] = [];
  const meterIds = new Map<string, string>();
  for (const meter of BILLED_METERS) {
    const { id, action } = await ensureMeter(app.stripe, meter, options);
    meterIds.set(meter, id);
    done.push({ kind: 'METER', key: METER_EVENT_NAMES[meter] ?? meter, action });
    const product = meterProductOf(meter);
    done.push({ kind: 'PRODUCT', key: product.id, action: await ensureProduct(app.stripe, product, options) });
  }
  const book = bookAt(PRICE_BOOKS, app.clock.now());
  for (const plan of book.plans.filter(({ lookupKey }) => lookupKey !== null)) {
    const product = baseProductOf(plan);
    done.push({ kind: 'PRODUCT', key: product.id, action: await ensureProduct(app.stripe, product, options) });
    done.push(...(await syncPrices(app, plan, book.key, meterIds, options)));
  }
  done.push({ kind: 'PORTAL', key: 'portal', action: (await ensurePortal(app.stripe, options)).action });
  app.catalogue.forget();
  return done;
}

async function syncPrices(app: Pick<BillingApp, 'stripe'>, plan: Plan, book: string, meterIds: ReadonlyMap<string, string>, { dryRun }: SyncOptions): Promise<SyncedThing[]> {
  const termsOf = (price: MeteredPrice): PriceTerms => meteredTerms(plan, price, meterIds.get(price.meter) ?? '', book);
  const wanted = new Map<string, PriceTerms>([[plan.lookupKey ?? '', baseTerms(plan, book)], ...plan.meteredPrices.map((price): [string, PriceTerms] => [price.lookupKey, termsOf(price)])]);
  const found = await findPrices(app.stripe, [...wanted.keys()]);
  const done: SyncedThing[] = [];
  for (const [key, terms] of wanted) {
    const price = found.get(key);
    const isRight = price !== undefined && meetsTerms(price, terms);
    if (!isRight && !dryRun) await createPrice(app.stripe, key, terms);
    done.push({ kind: 'PRICE', key, action: isRight ? 'KEPT' : price === undefined ? 'CREATED' : 'REPLACED' });
  }
  return done;
}
