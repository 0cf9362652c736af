import { setTimeout as delay } from 'node:timers/promises';
import { cpuMsOfFamily } from './process-cost.ts';

const QUIET_WITHIN_MS = 90_000;
const QUIET_SPAN_MS = 1_000;
/** Of one core. */
const QUIET_SHARE = 0.1;

/**
 * Until what sign-ups and first contacts have set off is done: jobs that run meanwhile would be measured too. Each of
 * them works on the database, and a profiler does not. @throws where it does not come to rest.
 */
export async function untilQuiet(postgresPid: number | null): Promise<void> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  while (performance.now() < deadline) {
    const before = cpuMsOfFamily(postgresPid);
    await delay(QUIET_SPAN_MS);
    const after = cpuMsOfFamily(postgresPid);
    if (before === null || after === null || after - before < QUIET_SPAN_MS * QUIET_SHARE) return;
  }
  throw new Error(`the database was still at work ${QUIET_WITHIN_MS / 1000} s after the fleet was known`);
}
