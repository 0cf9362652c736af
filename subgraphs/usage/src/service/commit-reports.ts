import type { Tx } from '@iotistic/chassis/database';
import { withRequestId } from '@iotistic/chassis/log';
import { publish } from '@iotistic/chassis/outbox';
import type { Pipeline } from '@iotistic/chassis/pipeline';
import { withTraceparent } from '@iotistic/chassis/tracing';
import { newId } from '@iotistic/contracts/ids';
import type { LRUCache } from 'lru-cache';
import type { UsageApp } from '../app.ts';
import { type Decision, decideFates, type Submission } from '../domain/fates.ts';
import { insertInstances, isNotAsKnown, type LockedInstance, lockInstances, lockOf, toLocked } from '../repository/instances.ts';
import { digestsOf, toDigests, writesOf } from '../repository/intake-writes.ts';
import type { UsageTables } from '../repository/tables.ts';
import type { Ordinary } from './ordinary.ts';

/** Short numbers of instances that have reported before, by id: once given, one never changes. */
export type KnownNumbers = LRUCache<string, number>;

export type Committer = Pick<UsageApp, 'db' | 'partitions'> & { pipeline: Pipeline; numbers: KnownNumbers; ordinary: Ordinary };

const DAY_MS = 86_400_000;
/** PostgreSQL's name for it is check_violation. */
const NO_PARTITION = '23514';

/** Who is new, which keys are known, the fate of each report, then all that this comes to: in one transaction. */
export async function commitReports(app: Committer, submissions: readonly Submission[], receivedAt: Date): Promise<Decision> {
  const days = daysOf(submissions);
  await app.partitions.ensure(days);
  try {
    return (await commitAtOnce(app, submissions, receivedAt)) ?? (await commitOfKnown(app, submissions, receivedAt)) ?? (await commitOfAll(app, submissions, receivedAt));
  } catch (error) {
    if ((error as { code?: unknown }).code !== NO_PARTITION) throw error;
    // Retention took a month that this process took for known, or had just made.
    app.partitions.forget();
    return commitOfAll(app, submissions, receivedAt, (tx) => app.partitions.hold(tx, days));
  }
}

/**
 * The ordinary case among those: under the terms of last time, and every report is new. What is decided then needs nothing
 * read: one statement holds the instances, sees that it is so, and writes.
 * @returns null where it is not so: nothing is written then.
 */
async function commitAtOnce({ pipeline, ordinary }: Committer, submissions: readonly Submission[], receivedAt: Date): Promise<Decision | null> {
  const known = ordinary.find(submissions);
  if (known === null) return null;
  const decision = decideFates(submissions, known, new Map());
  try {
    await pipeline.statement(writesOf(decision, receivedAt, [...known.values()]));
    return decision;
  } catch (error) {
    if (!isNotAsKnown(error)) throw error;
    ordinary.forget(known.keys());
    return null;
  }
}

/**
 * The ordinary case: all have reported before, and nobody changes their terms at this moment. Then all that has to be read is
 * known beforehand, and the transaction takes two round trips.
 * @returns null where it is not the ordinary case: nothing is written then.
 */
function commitOfKnown({ pipeline, numbers, ordinary }: Committer, submissions: readonly Submission[], receivedAt: Date): Promise<Decision | null> {
  const known = new Map<string, number>();
  for (const { instanceId } of submissions) {
    const no = known.get(instanceId) ?? numbers.get(instanceId);
    if (no === undefined) return Promise.resolve(null);
    known.set(instanceId, no);
  }
  return pipeline.transaction([lockOf([...known.keys()]), digestsOf(submissions, (id) => known.get(id))], ([rows, stored]) => {
    // A number that is another one is of a database that was put back to a backup. The long way learns them anew.
    const isOrdinary = rows.length === known.size && rows.every(({ id, no, isStale, hasReported }) => hasReported && !isStale && known.get(id) === no);
    if (!isOrdinary) return null;
    const locked = new Map(rows.map((row) => [row.id, toLocked(row)]));
    const decision = decideFates(submissions, locked, toDigests(stored));
    ordinary.learn(submissions, decision, locked);
    return { result: decision, writes: [writesOf(decision, receivedAt)] };
  });
}

/** One time of each day that a report ends in: few, however many reports there are. */
function daysOf(submissions: readonly Submission[]): number[] {
  const days = new Set<number>();
  for (const { reports } of submissions) for (const { endMs } of reports) days.add(Math.floor(endMs / DAY_MS));
  return [...days].map((day) => day * DAY_MS);
}

/** Names those who are new, and says so of whoever reports for the first time. @param before what the transaction begins with. */
async function commitOfAll(app: Committer, submissions: readonly Submission[], receivedAt: Date, before?: (tx: Tx<UsageTables>) => Promise<void>): Promise<Decision> {
  const { decision, instances } = await app.db.transaction().execute(async (tx) => {
    await before?.(tx);
    const locked = await lockAll(tx, submissions, receivedAt);
    const known = new Map(locked.map((instance) => [instance.id, instance]));
    const { rows: stored } = await digestsOf(submissions, (id) => known.get(id)?.no).execute(tx);
    const decided = decideFates(submissions, known, toDigests(stored));
    await writesOf(decided, receivedAt).execute(tx);
    await publishFirstReports(tx, submissions, locked, receivedAt);
    return { decision: decided, instances: locked };
  });
  for (const { id, no } of instances) app.numbers.set(id, no);
  app.ordinary.learn(submissions, decision, new Map(instances.map((instance) => [instance.id, instance])));
  return decision;
}

async function lockAll(tx: Tx<UsageTables>, submissions: readonly Submission[], at: Date): Promise<LockedInstance[]> {
  const named = new Map(submissions.map((submission) => [submission.instanceId, submission]));
  const ids = [...named.keys()];
  const found = await lockInstances(tx, ids);
  if (found.length === ids.length) return found;
  const known = new Set(found.map((instance) => instance.id));
  const unknown = [...named.values()].filter((submission) => !known.has(submission.instanceId));
  await insertInstances(tx, unknown.map(({ instanceId, customerId, instanceName }) => ({ id: instanceId, customerId, name: instanceName })), at);
  return lockInstances(tx, ids);
}

async function publishFirstReports(tx: Tx<UsageTables>, submissions: readonly Submission[], instances: readonly LockedInstance[], at: Date): Promise<void> {
  const silent = new Set(instances.filter((instance) => !instance.hasReported).map((instance) => instance.id));
  for (const { customerId, instanceId, instanceName: name, requestId, traceparent } of submissions) {
    if (!silent.delete(instanceId)) continue;
    await withTraceparent(traceparent, () => withRequestId(requestId ?? newId('req'), () => publish(tx, 'usage', 'instance.reported', { customerId, instanceId, name, at: at.toISOString() }, at)));
  }
}
