import { startChild } from '../child.ts';
import type { Answer, Question } from '../question.ts';
import { markdownTable, median, show } from '../statistics.ts';
import type { WorkOrder, WorkResult } from './work.ts';

const SETTLE_MS = 30_000;
/** That work by turns within a run. */
const CONTESTANTS = 3;

const RATIOS: readonly { name: string; of: string; over: string }[] = [
  { name: 'verifyLicense, of crypto.verify', of: 'ours', over: 'bare' },
  { name: 'verifyLicense, of jwtVerify of jose', of: 'ours', over: 'jose' },
];

interface Run {
  name: string;
  /** Median of the slices. */
  verificationsPerSecond: number;
  cpuMicroseconds: number;
}

/** Verifications per second by one thread, beside the bare check of the signature, which nobody can go below. */
export const verifyLicense: Question = {
  name: 'verify-license',
  ask: async ({ rounds, seconds, only, say }) => {
    const runs = new Map<string, Run[]>();
    for (let round = 1; round <= rounds; round += 1) {
      for (const { key, name, perSecond, cpuMicroseconds } of (await measure({ seconds, only })).measured) {
        const run: Run = { name, verificationsPerSecond: median(perSecond), cpuMicroseconds };
        runs.set(key, [...(runs.get(key) ?? []), run]);
        say(`round ${round}, ${name}: ${show(run.verificationsPerSecond)} verifications/s, CPU ${show(run.cpuMicroseconds, 'µs')} each`);
      }
    }
    return summarize(runs);
  },
};

async function measure(order: WorkOrder): Promise<WorkResult> {
  const work = startChild({ name: 'verifying', script: 'bench/verify-license/work.ts', env: { NODE_ENV: 'production' } });
  try {
    await work.next('ready', SETTLE_MS);
    work.send(order);
    return await work.next<WorkResult>('measured', order.seconds * CONTESTANTS * 1000 + SETTLE_MS);
  } finally {
    await work.stop();
  }
}

function summarize(runs: Map<string, Run[]>): Answer {
  const medians = new Map([...runs].map(([key, of]) => [key, { name: of[0]?.name ?? key, verificationsPerSecond: median(of.map((run) => run.verificationsPerSecond)), cpuMicroseconds: median(of.map((run) => run.cpuMicroseconds)) }]));
  const ratios = RATIOS.flatMap(({ name, of, over }) => {
    const [ours, theirs] = [medians.get(of), medians.get(over)];
    return ours === undefined || theirs === undefined ? [] : [{ name, ratio: ours.verificationsPerSecond / theirs.verificationsPerSecond }];
  });
  const table = markdownTable(
    ['', 'verifications/s', 'CPU µs each'],
    [...medians.values()].map((run) => [run.name, show(run.verificationsPerSecond), show(run.cpuMicroseconds)]),
  );
  return { table, ratios, medians: Object.fromEntries(medians), runs: Object.fromEntries(runs) };
}
