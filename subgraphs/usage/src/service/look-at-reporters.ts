import type { Tx } from '@iotistic/chassis/database';
import { instantText } from '@iotistic/contracts/meter-text';
import { type Conflict, judgeReporters, type ReportTrace } from '../domain/reporters.ts';
import type { NewAnomaly } from '../repository/anomalies.ts';
import { type Activity, findOlderUses, listTraces, type Suspicion } from '../repository/instance-watch.ts';
import type { UsageTables } from '../repository/tables.ts';

const INSTANCES_AT_ONCE = 200;
/** Each costs a reading of all that its instance ever reported; who is left out is looked at with its next report. */
const MAX_SUSPICIONS = 20;

const timeOf = (ms: number): string => instantText(new Date(ms));

/** Finds two reporters under one name (SPEC 7) among those who reported since then. */
export async function lookAtReporters(tx: Tx<UsageTables>, activities: readonly Activity[], newSince: Date): Promise<NewAnomaly[]> {
  const found: NewAnomaly[] = [];
  for (let first = 0; first < activities.length; first += INSTANCES_AT_ONCE) {
    const some = activities.slice(first, first + INSTANCES_AT_ONCE);
    const traces = await listTraces(tx, some);
    const suspicions: (Suspicion & { activity: Activity; trace: ReportTrace })[] = [];
    some.forEach((activity, index) => {
      const { conflicts, suspects } = judgeReporters(traces[index] ?? [], newSince.getTime());
      found.push(...conflicts.map((conflict) => toAnomaly(activity, conflict.kind, wordsOf(conflict), Math.max(conflict.one.receivedMs, conflict.other.receivedMs))));
      suspicions.push(...suspects.map((trace) => ({ activity, trace, instanceNo: activity.instanceNo, sequence: trace.sequence ?? 0, reportId: trace.id })));
    });
    found.push(...(await confirm(tx, suspicions.slice(0, MAX_SUSPICIONS))));
  }
  return found;
}

async function confirm(tx: Tx<UsageTables>, suspicions: readonly (Suspicion & { activity: Activity; trace: ReportTrace })[]): Promise<NewAnomaly[]> {
  const uses = await findOlderUses(tx, suspicions);
  const confirmed = new Map<string, NewAnomaly>();
  suspicions.forEach(({ activity, trace, sequence }, index) => {
    const use = uses[index] ?? null;
    if (use !== null) confirmed.set(activity.instanceId, toAnomaly(activity, 'SEQUENCE_REUSED', reuseWords(sequence, use.endMs, trace.endMs), trace.receivedMs));
  });
  return [...confirmed.values()];
}

function toAnomaly({ customerId, instanceId }: Activity, kind: Conflict['kind'], detail: string, seenMs: number): NewAnomaly {
  return { customerId, instanceId, kind, meter: null, subject: instanceId, detail, seenAt: new Date(seenMs) };
}

function wordsOf({ kind, one, other }: Conflict): string {
  if (kind === 'SEQUENCE_REUSED') return reuseWords(other.sequence ?? 0, one.endMs, other.endMs);
  return `One report goes from ${timeOf(one.startMs)} to ${timeOf(one.endMs)}, another from ${timeOf(other.startMs)} to ${timeOf(other.endMs)}. Two agents may report under this name; what both count is counted twice.`;
}

function reuseWords(sequence: number, firstEndMs: number, secondEndMs: number): string {
  return `Two reports have the sequence ${sequence}: one ends on ${timeOf(firstEndMs)}, the other on ${timeOf(secondEndMs)}. Two agents report under this name, or one was set up again.`;
}
