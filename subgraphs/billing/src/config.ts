import { envInt } from '@iotistic/chassis/config';
import { z } from 'zod';

const DEFAULT_TRIAL_DAYS = 14;

export const billingConfig = z.object({
  /** Days that a new customer's trial lasts. */
  TRIAL_DAYS: envInt(1, 365).default(DEFAULT_TRIAL_DAYS),
});
export type BillingConfig = z.output<typeof billingConfig>;
