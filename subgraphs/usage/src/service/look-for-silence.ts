import type { Tx } from '@iotistic/chassis/database';
import { instantText } from '@iotistic/contracts/meter-text';
import { type ListeningGap, silentFromMs, usualIntervalMs } from '../domain/silence.ts';
import { DAY_MS } from '../domain/trend.ts';
import type { NewAnomaly } from '../repository/anomalies.ts';
import { type DueInstance, listDueInstances, saveDueTimes } from '../repository/instance-watch.ts';
import type { UsageTables } from '../repository/tables.ts';

const MINUTE_MS = 60_000;

/**
 * Finds those who have said nothing for too long, among the next of those whose time has come; each of the others is looked
 * at again when its own time comes. Each is judged by its own last report and the plane's clock.
 * @param gaps when nobody could be heard.
 * @returns how many were looked at.
 */
export async function lookForSilence(tx: Tx<UsageTables>, gaps: readonly ListeningGap[], now: Date, limit: number): Promise<{ looked: number; silent: NewAnomaly[] }> {
  const due = await listDueInstances(tx, now, limit);
  const judged = due.map((instance) => ({ instance, ...judge(instance, gaps, now) }));
  await saveDueTimes(tx, judged.map(({ instance: { instanceNo }, dueAt }) => ({ instanceNo, dueAt })));
  return { looked: due.length, silent: judged.flatMap(({ instance, dueAt, usualMs }) => (dueAt === null ? [toAnomaly(instance, usualMs)] : [])) };
}

function judge({ isUnwatched, arrivals, lastReportedAt }: DueInstance, gaps: readonly ListeningGap[], now: Date): { dueAt: Date | null; usualMs: number } {
  const usualMs = usualIntervalMs(arrivals);
  // Nothing of it is left to tell what is usual.
  if (isUnwatched || usualMs === null) return { dueAt: new Date(now.getTime() + DAY_MS), usualMs: 0 };
  const dueMs = silentFromMs({ lastMs: lastReportedAt.getTime(), usualMs }, gaps);
  return { dueAt: dueMs > now.getTime() ? new Date(dueMs) : null, usualMs };
}

function toAnomaly({ customerId, instanceId, lastReportedAt }: DueInstance, usualMs: number): NewAnomaly {
  const detail = `No report since ${instantText(lastReportedAt)}; one usually comes every ${wordsOf(usualMs)}.`;
  return { customerId, instanceId, kind: 'INSTANCE_SILENT', meter: null, subject: instanceId, detail, seenAt: lastReportedAt };
}

function wordsOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / MINUTE_MS));
  if (minutes === 1) return 'minute';
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
