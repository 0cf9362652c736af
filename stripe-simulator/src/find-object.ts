import type { Simulation } from './simulation.ts';
import type { Collection, StripeObject } from './store.ts';
import { StripeError } from './stripe-error.ts';

/** The object that the URL names. @throws StripeError (404) when there is none, or it was deleted. */
export function getObject<T extends StripeObject>(simulation: Simulation, collection: Collection<T>, id: string | undefined): T {
  const found = simulation.store.get<T>(collection, id ?? '');
  if (found === undefined || found['deleted'] === true) throw StripeError.notFound(collection, id ?? '');
  return found;
}

/** The object that a parameter names. @throws StripeError (400) when there is none, or it was deleted. */
export function needObject<T extends StripeObject>(simulation: Simulation, collection: Collection<T>, id: string, param: string): T {
  const found = simulation.store.get<T>(collection, id);
  if (found === undefined || found['deleted'] === true) throw StripeError.missing(collection, id, param);
  return found;
}

/** As `getObject`, but what was deleted is answered by what is left of it: `{ id, object, deleted: true }`. */
export function getObjectOrStub<T extends StripeObject>(simulation: Simulation, collection: Collection<T>, id: string | undefined): T {
  const found = simulation.store.get<T>(collection, id ?? '');
  if (found === undefined) throw StripeError.notFound(collection, id ?? '');
  return found;
}

/** All that were not deleted, oldest first. */
export function allObjects<T extends StripeObject>(simulation: Simulation, collection: Collection<T>): T[] {
  return simulation.store.all<T>(collection).filter((object) => object['deleted'] !== true);
}
