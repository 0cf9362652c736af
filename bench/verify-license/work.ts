/** A process of its own, in which all verify by turns, a short slice each: what else the machine does meets all alike. */
import { type Contestant, createContestants, TOKENS } from './contestants.ts';

export interface WorkOrder {
  /** For each contestant. */
  seconds: number;
  /** Part of the name of those that verify; null is all. */
  only: string | null;
}

export interface Measured {
  key: string;
  name: string;
  /** Of each slice. */
  perSecond: number[];
  /** CPU of the process per verification, all threads, in µs. */
  cpuMicroseconds: number;
}

export interface WorkResult {
  kind: 'measured';
  measured: Measured[];
}

const SLICE_MS = 50;
const WARM_UP_SLICES = 10;
/** Between two looks at the clock. */
const BATCH = 16;

process.once('disconnect', () => process.exit(1));
process.once('message', (order: WorkOrder) => {
  run(order).then(
    (measured) => process.send?.({ kind: 'measured', measured } satisfies WorkResult, undefined, undefined, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.send?.({ kind: 'ready' });

async function run({ seconds, only }: WorkOrder): Promise<Measured[]> {
  const contestants = createContestants().filter(({ name }) => only === null || name.includes(only));
  for (const contestant of contestants) for (let slice = 0; slice < WARM_UP_SLICES; slice += 1) await measureSlice(contestant);
  const sums = contestants.map((contestant) => ({ contestant, perSecond: [] as number[], count: 0, cpuMicroseconds: 0 }));
  for (let slice = 0; slice < (seconds * 1000) / SLICE_MS; slice += 1) {
    for (const sum of sums) {
      const { count, perSecond, cpuMicroseconds } = await measureSlice(sum.contestant);
      sum.perSecond.push(perSecond);
      sum.count += count;
      sum.cpuMicroseconds += cpuMicroseconds;
    }
  }
  return sums.map(({ contestant: { key, name }, perSecond, count, cpuMicroseconds }) => ({ key, name, perSecond, cpuMicroseconds: cpuMicroseconds / count }));
}

async function measureSlice({ verify }: Contestant): Promise<{ count: number; perSecond: number; cpuMicroseconds: number }> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < SLICE_MS) {
    for (let index = 0; index < BATCH; index += 1) {
      const verifying = verify(count++ % TOKENS);
      // Awaiting what is no promise would cost the synchronous ones a turn.
      if (verifying !== undefined) await verifying;
    }
  }
  const elapsedMs = performance.now() - started;
  const cpu = process.cpuUsage(cpuBefore);
  return { count, perSecond: (count * 1000) / elapsedMs, cpuMicroseconds: cpu.user + cpu.system };
}
