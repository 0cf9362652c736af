import { env } from 'node:process';

/**
 * What the driver would take from the shell, and nobody means for us: another implementation (which is not installed), and
 * startup parameters, which a pooler refuses and our own statements do not expect. The rest (PGPASSWORD, PGSSLMODE …) fills in
 * what DATABASE_URL leaves out, as it does for psql.
 */
for (const name of ['NODE_PG_FORCE_NATIVE', 'PGOPTIONS', 'PGREPLICATION']) delete env[name];
