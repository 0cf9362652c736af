import type { UsageApp } from '../app.ts';
import { DAY_MS } from '../domain/trend.ts';
import { resolveSilence, resolveUnseenAnomalies } from '../repository/anomalies.ts';
import { listActivity, lockWatch, saveWatch, watchInstances } from '../repository/instance-watch.ts';
import { lookAtReporters } from './look-at-reporters.ts';
import { lookAtTrends } from './look-at-trends.ts';
import { lookForSilence } from './look-for-silence.ts';
import { raiseAnomalies } from './raise-anomalies.ts';

type Watcher = Pick<UsageApp, 'db' | 'clock' | 'anomalyGauge'>;

/** Reports become visible after the time that they were received at: so far back a look begins again. What is found twice is told once. */
const OVERLAP_MS = 60_000;
/** After such a pause we may not have heard those who reported. */
const ASLEEP_MS = 10 * 60_000;
/** After a longer pause what was received is read in parts: larger ones, up to a day, where little was. */
const MIN_STRETCH_MS = 10 * 60_000;
const MANY_REPORTS = 50_000;
const MAX_BACK_MS = 35 * DAY_MS;
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
    const { lookedAt, awakeSince: heardSince } = await lockWatch(tx);
    const wasAsleep = lookedAt === null || heardSince === null || now.getTime() - lookedAt.getTime() > ASLEEP_MS;
    const awakeSince = wasAsleep ? now : heardSince;
    await resolveSilence(tx, now);
    await resolveUnseenAnomalies(tx, new Date(now.getTime() - DAY_MS), now);
    const { looked, silent } = await lookForSilence(tx, awakeSince, now, DUE_AT_ONCE);
    await raiseAnomalies(tx, silent, now);
    await saveWatch(tx, { lookedAt: now, awakeSince });
    return looked === DUE_AT_ONCE;
  });
}
