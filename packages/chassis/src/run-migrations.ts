import type { SubgraphName } from '@iotistic/contracts/caller';
import { z } from 'zod';
import { commonConfig, ConfigError, loadConfig } from './config.ts';
import { isDatabaseUnavailable } from './database.ts';
import { createLog } from './log.ts';
import { type Migrations, migrateSchema } from './migrate.ts';

const migrationConfig = z.object({ LOG_LEVEL: commonConfig.LOG_LEVEL, DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }) });

/**
 * Brings a subgraph's schema up to date and does nothing else: before a roll-out, so that of many new processes none
 * waits for the first. A process that starts looks once more and finds nothing to do.
 * @throws ConfigError when the database does not answer: whoever started this starts it again.
 */
export async function runMigrations(schema: SubgraphName, migrations: Migrations, environment: NodeJS.ProcessEnv, print: (line: string) => void): Promise<void> {
  const config = loadConfig(migrationConfig, environment);
  const log = createLog({ level: config.LOG_LEVEL, name: schema });
  try {
    await migrateSchema({ url: config.DATABASE_URL, schema, migrations, log });
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw new ConfigError([`DATABASE_URL: the database does not answer (${(error as NodeJS.ErrnoException).code ?? 'connection lost'})`]);
    throw error;
  }
  print(`The schema ${schema} is up to date: ${Object.keys(migrations).at(-1) ?? 'it is empty'}`);
}
