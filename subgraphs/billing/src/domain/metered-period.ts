import type { Meter } from '@iotistic/contracts/events';

/** Names what one meter came to in one period; usage knows what it is made of. */
export interface MeteredPeriodKey {
  customerId: string;
  meter: Meter;
  periodStart: Date;
}
