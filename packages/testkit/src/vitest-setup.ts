import { inject } from 'vitest';

/** In each test process, before its first file: where the run's PostgreSQL is, as createTestDatabase looks for it. */
const { url, run } = inject('testServer');
process.env['TEST_DATABASE_URL'] = url;
process.env['TEST_RUN'] = run;
