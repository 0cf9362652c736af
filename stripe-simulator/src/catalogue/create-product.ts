import { withMetadata } from '../params.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { PRODUCTS, type ProductRecord } from './catalogue-records.ts';

export interface NewProduct {
  id?: string;
  name: string;
  metadata?: Record<string, string> | null;
  images?: string[] | null;
  marketing_features?: { name: string }[] | null;
  [field: string]: unknown;
}

const EMPTY = {
  object: 'product',
  active: true,
  default_price: null,
  description: null,
  livemode: false,
  package_dimensions: null,
  shippable: null,
  statement_descriptor: null,
  tax_code: null,
  tax_details: null,
  type: 'service',
  unit_label: null,
  url: null,
} as const;

/** @throws StripeError when the id is taken. */
export function createProduct(simulation: Simulation, { id = simulation.newId('prod'), metadata, images, marketing_features, ...rest }: NewProduct): ProductRecord {
  if (simulation.store.get(PRODUCTS, id) !== undefined) throw StripeError.invalid('Product already exists.', { code: 'resource_already_exists', param: 'id' });
  const now = simulation.now();
  const product = simulation.store.put<ProductRecord>(PRODUCTS, { ...EMPTY, id, created: now, updated: now, ...rest, images: images ?? [], marketing_features: marketing_features ?? [], metadata: withMetadata({}, metadata) });
  simulation.emit('product.created', product);
  return product;
}
