import { commonConfig, envFlag, envInt } from '@iotistic/chassis/config';
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
});

export type PlaneConfig = z.output<typeof planeConfig>;

/** What production must be given, because the default is made for trying things out. One sentence each. */
export function missingInProduction(config: PlaneConfig): string[] {
  if (config.NODE_ENV !== 'production') return [];
  const problems: string[] = [];
  if (config.ADMIN_API_TOKEN === undefined) problems.push('ADMIN_API_TOKEN: production does not generate one; set it, or ADMIN_API_TOKEN_FILE');
  if (config.DATABASE_URL === undefined && !config.EMBEDDED_POSTGRES) problems.push('DATABASE_URL: production does not start a database of its own, unless EMBEDDED_POSTGRES=true asks for it');
  return problems;
}
