import { commonConfig, envFlag, envInt } from '@iotistic/chassis/config';
import { mailConfig } from '@iotistic/chassis/mail';
import { z } from 'zod';

/** What `npm start` reads; each part has a working default. */
export const planeConfig = z.object({
  ...commonConfig,
  HOST: z.string().default('127.0.0.1'),
  PORT: envInt(0, 65_535).default(3100),
  /** Where the database, the keys and the admin token are kept. */
  DATA_DIR: z.string().default('.data'),
  ADMIN_API_TOKEN: z.string().min(16, 'has 16 characters at least').optional(),
  /** Lets production run on the database that comes with the plane. */
  EMBEDDED_POSTGRES: envFlag.default(false),
  /** Without it the built-in simulator takes Stripe's place. */
  STRIPE_SECRET_KEY: z.string().optional(),
  /** Lets production run on the simulator. */
  STRIPE_SIMULATOR: envFlag.default(false),
  /** A free one when unset. */
  STRIPE_SIMULATOR_PORT: envInt(0, 65_535).optional(),
  SMTP_URL: mailConfig.SMTP_URL,
  /** Where mails are written as files when there is no SMTP_URL: `mail` in the data folder. */
  MAIL_DIR: z.string().optional(),
  /** Where there is one process, nobody else is to be found in this time. */
  DRAIN_MS: commonConfig.DRAIN_MS.default(0),
});

export type PlaneConfig = z.output<typeof planeConfig>;

/** What production must be given, because the default is made for trying things out. One sentence each. */
export function missingInProduction(config: PlaneConfig): string[] {
  if (config.NODE_ENV !== 'production') return [];
  const problems: string[] = [];
  if (config.ADMIN_API_TOKEN === undefined) problems.push('ADMIN_API_TOKEN: production does not generate one; set it, or ADMIN_API_TOKEN_FILE');
  if (config.DATABASE_URL === undefined && !config.EMBEDDED_POSTGRES) problems.push('DATABASE_URL: production does not start a database of its own, unless EMBEDDED_POSTGRES=true asks for it');
  if (config.STRIPE_SECRET_KEY === undefined && !config.STRIPE_SIMULATOR) problems.push('STRIPE_SECRET_KEY: production does not simulate Stripe, unless STRIPE_SIMULATOR=true asks for it');
  if (config.SMTP_URL === undefined && config.MAIL_DIR === undefined) problems.push('SMTP_URL: production does not write its mails to files, unless MAIL_DIR names the folder');
  return problems;
}
