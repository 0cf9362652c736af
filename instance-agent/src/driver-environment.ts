import { env } from 'node:process';

/** The driver would load another implementation, which is not installed, for whoever has this set for programs of their own. */
delete env['NODE_PG_FORCE_NATIVE'];
