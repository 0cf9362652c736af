/** Some agents in one process: the product's own meter, spool, license keeper and reporter, on a disk that keeps what was fsynced. The desk says what to do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type * as AppModule from '../../instance-agent/src/app.ts';
import type * as ClockModule from '../../instance-agent/src/clock.ts';
import type * as ConfigModule from '../../instance-agent/src/config.ts';
import type * as IntervalModule from '../../instance-agent/src/interval.ts';
import type * as LogModule from '../../instance-agent/src/log.ts';
import type * as ReporterModule from '../../instance-agent/src/reporter.ts';
import type * as ResendModule from '../../instance-agent/src/resend.ts';
import type * as SpoolDiskModule from '../../instance-agent/src/spool-disk.ts';
import type * as SpoolModule from '../../instance-agent/src/spool.ts';
import type { InstanceStatus, Orders } from './desk.ts';
import { forgetfulDisk } from './forgetful-disk.ts';
import { readTally, tally } from './tally.ts';

/** What the harness hands to one process. */
export interface AgentProcessPlan {
  productRoot: string;
  deskUrl: string;
  planeUrl: string;
  tickMs: number;
  instances: readonly { name: string; folder: string; apiKey: string }[];
}

const plan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as AgentProcessPlan;
const load = <T>(name: string): Promise<T> => import(pathToFileURL(join(plan.productRoot, 'instance-agent/dist', `${name}.js`)).href) as Promise<T>;
const { openLicenseParts } = await load<typeof AppModule>('app');
const { systemTime } = await load<typeof ClockModule>('clock');
const { loadConfig } = await load<typeof ConfigModule>('config');
const { nextInterval } = await load<typeof IntervalModule>('interval');
const { createLog } = await load<typeof LogModule>('log');
const { Reporter } = await load<typeof ReporterModule>('reporter');
const { Resend } = await load<typeof ResendModule>('resend');
const { realDisk } = await load<typeof SpoolDiskModule>('spool-disk');
const { Spool } = await load<typeof SpoolModule>('spool');

const RETRY_MS = 700;

async function openAgent({ name, folder, apiKey }: AgentProcessPlan['instances'][number]) {
  const environment = { BILLING_API_URL: plan.planeUrl, IOTISTIC_API_KEY: apiKey, INSTANCE_ID: name, AGENT_DATA_DIR: folder, METRICS_URLS: `${plan.deskUrl}/metrics/${name}`, LIVE_UPDATES: 'false', LOG_LEVEL: 'error', FAILPOINTS: process.env['FAILPOINTS'] };
  const config = loadConfig(environment);
  const log = createLog(config.LOG_LEVEL);
  const parts = await openLicenseParts({ config, log, time: systemTime, fetch, signal: new AbortController().signal }, true);
  const spool = await Spool.open(join(folder, 'spool'), log, { maxBytes: config.SPOOL_MAX_BYTES, disk: forgetfulDisk(realDisk) });
  const reporter = new Reporter({ folder, instance: name, clock: parts.clock, log, plane: parts.plane, spool, keeper: parts.keeper, trust: parts.trust, resend: await Resend.open({ folder, archive: join(folder, 'archive'), log, now: () => parts.clock.now() }) });
  const known = new Set(readTally(folder).map(({ reportId }) => reportId));
  // The kill came after the fsync and before the note: the spool has it, so it counts.
  for (const report of spool.pending(Infinity)) if (!known.has(report.reportId)) tally(folder, { ...report, isFound: true });
  return { name, folder, ...parts, spool, reporter };
}

type RunningAgent = Awaited<ReturnType<typeof openAgent>>;

async function askDesk(agent: RunningAgent, progress: Pick<InstanceStatus, 'hasLastReport' | 'hasSettledContact'>): Promise<Orders> {
  const { claims } = agent.keeper.standing();
  const status: InstanceStatus = { pid: process.pid, pending: agent.spool.pendingCount, sequence: agent.spool.lastSequence, license: claims === null ? null : { id: claims.jti, version: claims.version, plan: claims.plan }, ...progress };
  const response = await fetch(`${plan.deskUrl}/turn/${agent.name}`, { method: 'POST', body: JSON.stringify(status) });
  return (await response.json()) as Orders;
}

/** As the agent does at each interval; the interval's times are the desk's. */
async function report(agent: RunningAgent, intervalEnd: Date): Promise<boolean> {
  const collected = await agent.meter.collect(agent.spool.baselines, intervalEnd);
  const last = agent.spool.intervalEnd;
  const interval = nextInterval(last, last !== null && intervalEnd <= last ? new Date(last.getTime() + 1) : intervalEnd);
  if (collected === null || interval === null) return false;
  tally(agent.folder, await agent.spool.append(collected, interval));
  return true;
}

async function live(agent: RunningAgent): Promise<void> {
  const progress = { hasLastReport: false, hasSettledContact: false };
  let exchanging: Promise<void> | null = null;
  let waitUntilMs = 0;
  for (;;) {
    const orders = await askDesk(agent, progress);
    if (orders.phase === 'report') await report(agent, new Date(orders.intervalEnd));
    else if (!progress.hasLastReport) progress.hasLastReport = await report(agent, new Date(orders.intervalEnd));
    if (exchanging === null && performance.now() >= waitUntilMs) {
      const isSettling = orders.phase === 'settle' && progress.hasLastReport;
      const exchange = agent.reporter.exchange().then(
        () => {
          if (isSettling) progress.hasSettledContact = true;
        },
        () => {
          waitUntilMs = performance.now() + Math.random() * RETRY_MS;
        },
      );
      exchanging = exchange.finally(() => {
        exchanging = null;
      });
    }
    await pause(plan.tickMs * (0.5 + Math.random()));
  }
}

for (const instance of plan.instances) void openAgent(instance).then(live);
