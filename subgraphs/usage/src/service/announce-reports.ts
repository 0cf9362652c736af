import type { Live } from '@iotistic/chassis/live';
import type { NewReport } from '../domain/fates.ts';

/** Where a customer's new reports are told: JSON arrays of their ids. */
export function usageTopic(customerId: string): string {
  return `usage:${customerId}`;
}

/** 200 ids of 29 characters with their quotes stay below what a live message may hold. */
const IDS_PER_MESSAGE = 200;

/** Tells live listeners, in this process and others, of reports that were just committed, in the order of their storing. Waits for nobody: who hears nothing reads again. */
export function announceReports(live: Live, reports: readonly NewReport[]): void {
  const byCustomer = new Map<string, string[]>();
  for (const { customerId, id } of reports) {
    const ids = byCustomer.get(customerId);
    if (ids === undefined) byCustomer.set(customerId, [id]);
    else ids.push(id);
  }
  for (const [customerId, ids] of byCustomer) {
    for (let first = 0; first < ids.length; first += IDS_PER_MESSAGE) void live.publish(usageTopic(customerId), JSON.stringify(ids.slice(first, first + IDS_PER_MESSAGE)));
  }
}
