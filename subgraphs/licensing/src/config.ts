import { commonConfig, envInt } from '@iotistic/chassis/config';
import { z } from 'zod';

const ENCRYPTION_KEY_BYTES = 32;

const encryptionKey = z.string().transform((text, context) => {
  const bytes = /^[0-9a-f]{64}$/i.test(text.trim()) ? Buffer.from(text.trim(), 'hex') : Buffer.from(text.trim(), 'base64');
  if (bytes.length === ENCRYPTION_KEY_BYTES) return bytes;
  context.addIssue({ code: 'custom', message: 'is not 32 bytes in base64 or hex' });
  return z.NEVER;
});

export const licensingConfig = z.object({
  /** Calls of fetchLicense that an instance may make an hour; twice as many at once after a quiet time. 0 is no limit. */
  REPORT_CALLS_PER_HOUR: envInt(0, 1_000_000).default(720),
  NODE_ENV: commonConfig.NODE_ENV,
  /** RSA private key, PKCS8 or PKCS1 PEM, or that in base64. */
  LICENSE_PRIVATE_KEY: z.string().optional(),
  /** A file that holds it. */
  LICENSE_PRIVATE_KEY_PATH: z.string().optional(),
  /** Where a key is kept that was generated because none was given; never generated in production. */
  LICENSE_KEYS_DIR: z.string().default('.data/keys'),
  /** 32 bytes, base64 or hex: with it private keys are kept in the database, encrypted, and no folder is used. */
  LICENSE_KEY_ENCRYPTION_KEY: encryptionKey.optional(),
});
export type LicensingConfig = z.output<typeof licensingConfig>;
