import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@iotistic/chassis/clock';
import { ConfigError } from '@iotistic/chassis/config';
import { closeAll, type Running } from '@iotistic/chassis/lifecycle';
import type { PlaneConfig } from '../config.ts';
import type { RunningPlane } from '../plane.ts';
import { agentFolder, type DemoAgents, startDemoAgents } from './demo-agents.ts';
import { DemoArchive } from './demo-archive.ts';
import { createDemoClient } from './demo-client.ts';
import { rollOut } from './demo-deployments.ts';
import { DemoFile, newDemo } from './demo-file.ts';
import { DEMO_DAYS } from './demo-fleet.ts';
import type { DemoStage } from './demo-stage.ts';
import { describeDemo } from './describe-demo.ts';
import { liveHistory } from './live-history.ts';

const DAY_MS = 86_400_000;
const PROGRESS_EVERY_DAYS = 5;

/**
 * Looks at whether a demo may be here, before anything starts.
 * @returns how far behind the present the plane begins, so that the demo's days end in it: in milliseconds, 0 where there is data already.
 * @throws ConfigError in production, and where money could move.
 */
export function prepareDemo(config: PlaneConfig): { startsBehindMs: number } {
  const problems: string[] = [];
  if (config.NODE_ENV === 'production') problems.push('--demo: NODE_ENV is production, where nobody wants customers that do not exist');
  if (config.STRIPE_SECRET_KEY !== undefined) problems.push('--demo: STRIPE_SECRET_KEY is set; the demo buys plans and moves time, on the simulated Stripe only');
  if (problems.length > 0) throw new ConfigError(problems);
  const isNew = config.DATABASE_URL === undefined && ['postgres', 'stripe', 'keys', 'clock.json'].every((name) => !existsSync(join(config.DATA_DIR, name)));
  return { startsBehindMs: isNew ? DEMO_DAYS * DAY_MS : 0 };
}

/**
 * Makes the demo while the plane runs, and lets its agents run; a second start finds it and adds nothing but what they report.
 * @param print told of the progress, in lines.
 */
export function startDemo(plane: RunningPlane, print: (text: string) => void): Running & { finished: Promise<void> } {
  const stopping = new AbortController();
  let agents: DemoAgents | null = null;
  const file = new DemoFile(plane.dataDir);
  const make = async (): Promise<void> => {
    const startedAt = performance.now();
    const stage = openStage(plane, file, stopping.signal, print);
    const isFirst = stage.state.livedDays < DEMO_DAYS;
    try {
      await liveHistory(stage, (day) => {
        if (day % PROGRESS_EVERY_DAYS === 0 || day === DEMO_DAYS) print(`Demo: day ${day} of ${DEMO_DAYS} (${((performance.now() - startedAt) / 1000).toFixed(0)} s)\n`);
      });
      await stage.archive.handOver();
    } finally {
      await stage.archive.close();
    }
    agents = await startDemoAgents({ planeUrl: plane.url, dataDir: plane.dataDir, state: stage.state, clock: plane.clock });
    await rollOut(stage, isFirst);
    print(await describeDemo(stage, { plane, agents: agents.running, file: file.path }));
  };
  const finished = make().catch((error: unknown) => {
    if (!stopping.signal.aborted) print(`Demo: it could not be made: ${(error as Error).message}. The plane runs on; a new start with --demo goes on where it ended.\n`);
  });
  return {
    finished,
    async close() {
      stopping.abort(new Error('the demo ends'));
      await finished;
      await closeAll([() => agents?.close()]);
    },
  };
}

function openStage(plane: RunningPlane, file: DemoFile, signal: AbortSignal, print: (text: string) => void): DemoStage {
  const found = file.read();
  const state = found ?? newDemo(plane.clock.now());
  const save = (): void => file.write(state);
  if (found === null) {
    save();
    const end = new Date(Date.parse(state.beganAt) + DEMO_DAYS * DAY_MS);
    print(`Demo: its customers live ${DEMO_DAYS} days, from ${state.beganAt.slice(0, 10)} on\n`);
    // What is there is dated by the present, so that the demo's days can only come after it.
    if (end.getTime() - systemClock.now().getTime() > DAY_MS) print(`Demo: there is data already, so the plane's time, Stripe's too, moves on to ${end.toISOString().slice(0, 10)}\n`);
  } else if (state.livedDays < DEMO_DAYS) {
    print(`Demo: goes on after day ${state.livedDays} of ${DEMO_DAYS}\n`);
  }
  const anyone = createDemoClient(plane.url, signal);
  return { url: plane.url, stripeUrl: plane.stripeUrl ?? '', archive: new DemoArchive((instance) => agentFolder(plane.dataDir, instance)), anyone, operator: anyone.as({ authorization: `Bearer ${plane.adminToken}` }), state, save, now: () => plane.clock.now(), signal };
}
