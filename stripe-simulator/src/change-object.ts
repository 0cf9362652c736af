import type { Simulation } from './simulation.ts';
import type { StripeObject } from './store.ts';

/** Puts the object as changed, and emits the event with what it was before; an update that changes nothing is no event. */
export function changeObject<T extends StripeObject>(simulation: Simulation, collection: string, before: T, changes: Partial<T>, event: string | null): T {
  const after = simulation.store.put<T>(collection, { ...before, ...changes });
  const previous = previousAttributes(before, after);
  if (event !== null && Object.keys(previous).length > 0) simulation.emit(event, after, previous);
  return after;
}

/** What an event says of the object before: changed fields only; of a nested object its changed fields, of a list all. */
export function previousAttributes(before: object, after: object): Record<string, unknown> {
  const [old, fresh] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const previous: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
    if (name === 'internal' || isSame(old[name], fresh[name])) continue;
    previous[name] = isHash(old[name]) && isHash(fresh[name]) ? previousAttributes(old[name], fresh[name]) : (old[name] ?? null);
  }
  return previous;
}

function isHash(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
