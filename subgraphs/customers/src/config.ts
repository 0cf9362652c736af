import { envInt } from '@iotistic/chassis/config';
import { z } from 'zod';

export const customersConfig = z.object({
  /** Days after which a log-in has to be repeated. */
  SESSION_TTL_DAYS: envInt(1, 365).default(30),
});

export type CustomersConfig = z.output<typeof customersConfig>;
