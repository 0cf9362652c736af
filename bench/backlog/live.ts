/** Everybody else: single reports of the minute that just ended, so many a second whatever becomes of those before; a process of its own. */
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { quantile } from '../statistics.ts';
import { type Agent, type Failures, sendUntilStored } from './agent-call.ts';

export interface LiveOrder {
  url: string;
  agents: readonly Agent[];
  callsPerSecond: number;
}

/** Of the calls that were due since the last one, the answers to all of them included. */
export interface LiveWindow {
  kind: 'window';
  calls: number;
  failures: Failures;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const MINUTE_MS = 60_000;

let latencies: number[] = [];
let failures: Failures = {};
let underWay: Promise<void>[] = [];

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.once('message', (order: LiveOrder) => {
  process.on('message', () => void tellWindow().catch(fail));
  send(order).catch(fail);
});
process.send?.({ kind: 'ready' });

function fail(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}

async function tellWindow(): Promise<void> {
  const due = underWay;
  underWay = [];
  await Promise.all(due);
  const window: LiveWindow = { kind: 'window', calls: latencies.length, failures, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), maxMs: Math.max(...latencies) };
  latencies = [];
  failures = {};
  process.send?.(window);
}

/** Each call has its time. Latency counts from then on, until the report is known to be stored: who waits behind a slow answer has waited too. */
async function send({ url, agents, callsPerSecond }: LiveOrder): Promise<void> {
  // As many connections as there are calls under way: these are agents on machines of their own, none of which waits for another's.
  const pool = new Pool(url, { pipelining: 1 });
  const startedAt = performance.now();
  for (let call = 0; ; call += 1) {
    const dueAt = startedAt + (call * 1000) / callsPerSecond;
    const early = dueAt - performance.now();
    if (early > 0) await delay(early);
    const agent = agents[call % agents.length] as Agent;
    const endMs = Date.now();
    const sent = sendUntilStored(pool, { agent, first: Math.floor(call / agents.length), reports: 1, endMsOf: () => endMs, intervalMs: MINUTE_MS }, failures).then(() => {
      latencies.push(performance.now() - dueAt);
    });
    sent.catch(fail);
    underWay.push(sent);
  }
}
