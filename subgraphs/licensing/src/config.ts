import { commonConfig } from '@iotistic/chassis/config';
import { z } from 'zod';

export const licensingConfig = z.object({
  NODE_ENV: commonConfig.NODE_ENV,
  /** RSA private key, PKCS8 or PKCS1 PEM, or that in base64. */
  LICENSE_PRIVATE_KEY: z.string().optional(),
  /** A file that holds it. */
  LICENSE_PRIVATE_KEY_PATH: z.string().optional(),
  /** Where a key is kept that was generated because none was given; never generated in production. */
  LICENSE_KEYS_DIR: z.string().default('.data/keys'),
});
export type LicensingConfig = z.output<typeof licensingConfig>;
