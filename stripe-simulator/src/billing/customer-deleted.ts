import type { Simulation } from '../simulation.ts';

/** What the deletion of a customer does to what it has; called before the customer is gone. */
export function customerDeleted(_simulation: Simulation, _customer: string): void {
  // Nothing is billed yet.
}
