import { needObject } from '../find-object.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type PriceRecord, PRICES, PRODUCTS, type ProductRecord } from './catalogue-records.ts';

/** What a customer reads of a price: its product's name. A nickname is for those who sell. */
export function productName(simulation: Simulation, price: PriceRecord): string {
  return simulation.store.get<ProductRecord>(PRODUCTS, price.product)?.name ?? price.product;
}

/** A price that may be put on something new. @throws StripeError for one that is not there, was archived, or whose product was */
export function needSoldPrice(simulation: Simulation, id: string, param: string): PriceRecord {
  const price = needObject<PriceRecord>(simulation, PRICES, id, param);
  if (!price.active) throw StripeError.invalid('The price specified is inactive. This field only accepts active prices.', { param });
  const product = simulation.store.get<ProductRecord>(PRODUCTS, price.product);
  if (product?.active !== true) throw StripeError.invalid(`Price \`${price.id}\` is not available to be purchased because its product is not active.`, { param });
  return price;
}
