/** `node subgraphs/licensing/dist/migrate.js`: brings this schema up to date and ends. Needs DATABASE_URL. */
import { runScript } from '@iotistic/chassis/lifecycle';
import { runMigrations } from '@iotistic/chassis/run-migrations';
import { migrations } from './repository/migrations.ts';

await runScript((environment, _args, print) => runMigrations('licensing', migrations, environment, print));
