import { StripeError } from '../stripe-error.ts';

/** Names of events as an endpoint may ask for them: exact ones, or `*` alone. @throws StripeError for a pattern (`customer.*`). */
export function eventNames(names: readonly string[]): string[] {
  if (names.length === 0) throw StripeError.invalid('Missing required param: enabled_events.', { code: 'parameter_missing', param: 'enabled_events' });
  for (const [index, name] of names.entries()) {
    if (name !== '*' && !/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/.test(name)) throw StripeError.invalid(`Invalid enabled_events[${index}]: ${name} is not the name of an event (exact names, or * for all).`, { param: `enabled_events[${index}]` });
  }
  return [...new Set(names)];
}
