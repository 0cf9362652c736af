/** The load generator, a process of its own: warms up, says so, measures, says what it saw. */
import autocannon, { type Result } from 'autocannon';
import { createRequestMakers, EXPECTED, type Traffic } from './requests.ts';

export interface LoadOrder {
  url: string;
  traffic: Omit<Traffic, 'host'>;
  warmUpSeconds: number;
  seconds: number;
}

export interface LoadResult {
  kind: 'measured';
  fetches: number;
  failed: number;
  /** The first answer that was not the expected one. */
  wrongAnswer: string | null;
  seconds: number;
  latencyP50Ms: number;
  latencyP99Ms: number;
  /** Of the generator itself, while measuring. */
  cpuMs: number;
}

const EXAMPLE_LENGTH = 400;

process.once('disconnect', () => process.exit(1));
process.once('message', (order: LoadOrder) => {
  run(order).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.send?.({ kind: 'ready' });

async function run(order: LoadOrder): Promise<void> {
  const makers = createRequestMakers({ ...order.traffic, host: new URL(order.url).host });
  const { result: warmedUp } = await fire(order, makers, order.warmUpSeconds);
  process.send?.({ kind: 'warm', fetches: warmedUp['2xx'] });
  const before = process.cpuUsage();
  const { result, wrongAnswer } = await fire(order, makers, order.seconds);
  const cpu = process.cpuUsage(before);
  const measured: LoadResult = {
    kind: 'measured',
    fetches: result['2xx'],
    failed: result.non2xx + result.errors + result.mismatches,
    wrongAnswer,
    seconds: result.duration,
    latencyP50Ms: result.latency.p50,
    latencyP99Ms: result.latency.p99,
    cpuMs: (cpu.user + cpu.system) / 1000,
  };
  await new Promise<void>((resolve) => process.send?.(measured, undefined, undefined, () => resolve()));
}

async function fire(order: LoadOrder, makers: readonly (() => Buffer)[], seconds: number): Promise<{ result: Result; wrongAnswer: string | null }> {
  const expected = EXPECTED[order.traffic.asking];
  let connections = 0;
  let wrongAnswer: string | null = null;
  const result = await autocannon({
    url: order.url,
    method: 'POST',
    connections: order.traffic.connections,
    duration: seconds,
    timeout: 20,
    setupClient: (client) => {
      client.getRequestBuffer = makers[connections++ % makers.length] as () => Buffer;
    },
    verifyBody: (body) => {
      if (body.includes(expected)) return true;
      wrongAnswer ??= body.slice(0, EXAMPLE_LENGTH);
      return false;
    },
  });
  return { result, wrongAnswer };
}
