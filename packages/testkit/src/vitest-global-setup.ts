import type { TestProject } from 'vitest/node';
import { newTestRun, startTestPostgres } from './database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    testServer: { url: string; run: string };
  }
}

/** One PostgreSQL for all test files of the run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = newTestRun();
  const server = await startTestPostgres(run);
  project.provide('testServer', { url: server.url, run });
  return () => server.stop();
}
