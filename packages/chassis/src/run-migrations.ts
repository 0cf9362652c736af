import type { SubgraphName } from '@iotistic/contracts/caller';
import { z } from 'zod';
import { commonConfig, loadConfig } from './config.ts';
import { databaseUrl } from './database-url.ts';
import { createLog } from './log.ts';
import { type Migrations, migrateSchema } from './migrate.ts';

const migrationConfig = z.object({ LOG_LEVEL: commonConfig.LOG_LEVEL, DATABASE_URL: databaseUrl });

/**
 * Brings a subgraph's schema up to date and does nothing else: before a roll-out, so that of many new processes none
 * waits for the first. A process that starts looks once more and finds nothing to do.
 * @throws when the database does not answer: whoever started this starts it again.
 */
export async function runMigrations(schema: SubgraphName, migrations: Migrations, environment: NodeJS.ProcessEnv, print: (line: string) => void): Promise<void> {
  const config = loadConfig(migrationConfig, environment);
  const log = createLog({ level: config.LOG_LEVEL, name: schema });
  await migrateSchema({ url: config.DATABASE_URL, schema, migrations, log });
  print(`The schema ${schema} is up to date: ${Object.keys(migrations).at(-1) ?? 'it is empty'}`);
}
