import { billingIncludables } from './billing/includables.ts';
import type { ExpandTree } from './expand.ts';
import type { Simulation } from './simulation.ts';
import type { StripeObject } from './store.ts';
import { StripeError } from './stripe-error.ts';

/** A field that an answer holds only when it is asked for. */
export type Includable = (simulation: Simulation, object: StripeObject) => unknown;

/** The field of any object that is the simulator's own: never shown, at whatever depth. */
const INTERNAL = 'internal';
/** What people put into these is theirs: whatever its names, it is shown as it is. */
const OPAQUE = new Set(['metadata', 'payload', 'previous_attributes']);

const stored = (field: string): Includable => (_simulation, object) => object[field] ?? null;

const INCLUDABLE: Record<string, Record<string, Includable>> = {
  price: { tiers: stored('tiers'), currency_options: stored('currency_options') },
  coupon: { applies_to: stored('applies_to') },
};

/** The collections that ids of these fields are of: what `expand` can put in their place. */
const EXPANDABLE: Record<string, string> = {
  active_entitlement: 'entitlements.active_entitlement',
  charge: 'charge',
  coupon: 'coupon',
  credit_note: 'credit_note',
  customer: 'customer',
  default_payment_method: 'payment_method',
  default_price: 'price',
  discount: 'discount',
  discounts: 'discount',
  entitlement_feature: 'entitlements.feature',
  feature: 'entitlements.feature',
  invoice: 'invoice',
  latest_invoice: 'invoice',
  payment_intent: 'payment_intent',
  payment_method: 'payment_method',
  pending_setup_intent: 'setup_intent',
  price: 'price',
  product: 'product',
  promotion_code: 'promotion_code',
  schedule: 'subscription_schedule',
  setup_intent: 'setup_intent',
  subscription: 'subscription',
  subscription_item: 'subscription_item',
  test_clock: 'test_helpers.test_clock',
};

/** An object as events carry it: without what is internal or shown only when asked for. */
export function snapshot(object: StripeObject): unknown {
  return view(object, null, null, '');
}

/** An answer as it leaves: includes and expands what the tree asks for. @throws StripeError when it asks for what is not there. */
export function render(simulation: Simulation, answer: object, tree: ExpandTree): unknown {
  return view(answer, simulation, tree, '');
}

function view(value: unknown, simulation: Simulation | null, tree: ExpandTree | null, path: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => view(element, simulation, tree, path));
  const object = value as StripeObject;
  const includables = typeof object.object === 'string' ? { ...INCLUDABLE[object.object], ...billingIncludables[object.object] } : {};
  const shown: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(object)) {
    if (name === INTERNAL || Object.hasOwn(includables, name)) continue;
    const below = tree?.get(name) ?? null;
    shown[name] = OPAQUE.has(name) ? field : view(below === null ? field : expanded(simulation, name, field, join(path, name)), simulation, below, join(path, name));
  }
  for (const [name, below] of tree ?? []) {
    const include = includables[name];
    if (include !== undefined && simulation !== null) shown[name] = view(include(simulation, object), simulation, below, join(path, name));
    else if (!Object.hasOwn(shown, name)) throw notExpandable(join(path, name));
  }
  return shown;
}

/** The object in an id's place; a list of ids, one by one. What is an object already stays. */
function expanded(simulation: Simulation | null, name: string, field: unknown, path: string): unknown {
  if (Array.isArray(field)) return field.map((element) => expanded(simulation, name, element, path));
  if (field === null || typeof field === 'object') return field;
  const collection = EXPANDABLE[name];
  if (collection === undefined || typeof field !== 'string' || simulation === null) throw notExpandable(path);
  return simulation.store.get(collection, field) ?? field;
}

function notExpandable(path: string): StripeError {
  return StripeError.invalid(`This property cannot be expanded (${path}). You may want to try expanding this another way, or not expanding it at all.`, { param: 'expand' });
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
