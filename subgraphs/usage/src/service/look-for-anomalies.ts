import type { Tx } from '@iotistic/chassis/database';
import type { UsageApp } from '../app.ts';
import { gapsBetween, NOTICEABLE_GAP_MS } from '../domain/silence.ts';
import { DAY_MS } from '../domain/trend.ts';
import { resolveSilence, resolveUnseenAnomalies } from '../repository/anomalies.ts';
import { listActivity, lockWatch, saveWatch, watchInstances } from '../repository/instance-watch.ts';
import { beat, listGaps, saveGaps, wasReportReceived } from '../repository/listening-gaps.ts';
import type { UsageTables } from '../repository/tables.ts';
import { lookAtReporters } from './look-at-reporters.ts';
import { lookAtTrends } from './look-at-trends.ts';
import { lookForSilence } from './look-for-silence.ts';
import { raiseAnomalies } from './raise-anomalies.ts';

type Watcher = Pick<UsageApp, 'db' | 'clock' | 'anomalyGauge'>;

/** Reports become visible after the time that they were received at: so far back a look begins again. What is found twice is told once. */
const OVERLAP_MS = 60_000;
/** After a longer pause what was received is read in parts: larger ones, up to a day, where little was. */
const MIN_STRETCH_MS = 10 * 60_000;
const MANY_REPORTS = 50_000;
const MAX_BACK_MS = 35 * DAY_MS;
/** No instance's usual interval is so long that an older gap would matter. */
const GAPS_KEPT_MS = 400 * DAY_MS;
const MINUTE_MS = 60_000;
const DUE_AT_ONCE = 500;

/**
 * Looks for what is wrong in what was received since the last look, and for those whose reports did not come: it costs what
 * is new. Processes that look at once take turns.
 */
export async function lookForAnomalies(app: Watcher, signal: AbortSignal): Promise<void> {
  let stretchMs = MIN_STRETCH_MS;
  for (let isBehind = true; isBehind && !signal.aborted; ) {
    const looked = await lookAtReceived(app, stretchMs);
    stretchMs = looked.reports > MANY_REPORTS ? MIN_STRETCH_MS : Math.min(2 * stretchMs, DAY_MS);
    isBehind = looked.isBehind;
  }
  for (let isBehind = true; isBehind && !signal.aborted; ) isBehind = await lookAtSilent(app);
  await app.anomalyGauge.refresh();
}

/** The next stretch of time that was not looked at. */
function lookAtReceived(app: Watcher, stretchMs: number): Promise<{ reports: number; isBehind: boolean }> {
  return app.db.transaction().execute(async (tx) => {
    const now = app.clock.now();
    const { receivedUntil } = await lockWatch(tx);
    const fromMs = Math.max(receivedUntil?.getTime() ?? now.getTime(), now.getTime() - MAX_BACK_MS);
    const isBehind = fromMs + stretchMs < now.getTime();
    const until = new Date(isBehind ? fromMs + stretchMs : now.getTime());
    const newSince = new Date(fromMs - OVERLAP_MS);
    const activities = await listActivity(tx, newSince, isBehind ? until : null);
    await watchInstances(tx, activities.map(({ instanceNo }) => instanceNo), now);
    await raiseAnomalies(tx, [...(await lookAtReporters(tx, activities, newSince)), ...(await lookAtTrends(tx, activities, now))], now);
    await saveWatch(tx, { receivedUntil: until });
    return { reports: activities.reduce((sum, { reports }) => sum + reports, 0), isBehind };
  });
}

/** What is over is resolved first. @returns whether more are due. */
function lookAtSilent(app: Watcher): Promise<boolean> {
  return app.db.transaction().execute(async (tx) => {
    const now = app.clock.now();
    const { lookedAt } = await lockWatch(tx);
    await noteGaps(tx, lookedAt, now);
    await resolveSilence(tx, now);
    await resolveUnseenAnomalies(tx, new Date(now.getTime() - DAY_MS), now);
    const { looked, silent } = await lookForSilence(tx, await listGaps(tx), now, DUE_AT_ONCE);
    await raiseAnomalies(tx, silent, now);
    await saveWatch(tx, { lookedAt: now });
    return looked === DUE_AT_ONCE;
  });
}

/** Writes down whether the plane was down since the last look, or its clock jumped: a restart alone is neither. */
async function noteGaps(tx: Tx<UsageTables>, lookedAt: Date | null, now: Date): Promise<void> {
  const passedMs = await beat(tx);
  if (lookedAt === null || now.getTime() - lookedAt.getTime() <= NOTICEABLE_GAP_MS) return;
  const wasHeard = await wasReportReceived(tx, new Date(lookedAt.getTime() + MINUTE_MS), new Date(now.getTime() - NOTICEABLE_GAP_MS));
  const gaps = gapsBetween({ lastMs: lookedAt.getTime(), nowMs: now.getTime(), passedMs, wasHeard });
  await saveGaps(tx, gaps, new Date(now.getTime() - GAPS_KEPT_MS));
}
