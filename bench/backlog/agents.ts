/** Agents that were away for 30 days, in a process of their own: all at once, or the same reports one by one, hour by hour, as they would have come. */
import { Pool } from 'undici';
import { type Agent, type Failures, sendUntilStored } from './agent-call.ts';

export interface AgentsOrder {
  url: string;
  agents: readonly Agent[];
  reportsPerAgent: number;
  arrival: 'at once' | 'in order';
  /** When the last of the reports ended. */
  endMs: number;
  /** In order: what is not sent by then stays away. */
  withinSeconds: number;
}

export interface AgentsDone {
  kind: 'done';
  seconds: number;
  reports: number;
  /** Tries that came to nothing, and were made again. */
  failures: Failures;
}

const HOUR_MS = 3_600_000;
const ONE_BY_ONE_CONNECTIONS = 32;

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.once('message', (order: AgentsOrder) => {
  run(order).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
process.send?.({ kind: 'ready' });

async function run(order: AgentsOrder): Promise<void> {
  const startedAt = performance.now();
  const sent = await (order.arrival === 'at once' ? sendAtOnce(order) : sendInOrder(order));
  process.send?.({ kind: 'done', seconds: (performance.now() - startedAt) / 1000, ...sent } satisfies AgentsDone);
}

type Sent = Pick<AgentsDone, 'reports' | 'failures'>;

async function sendAtOnce({ url, agents, reportsPerAgent, endMs }: AgentsOrder): Promise<Sent> {
  const pool = new Pool(url, { connections: agents.length, pipelining: 1 });
  const failures: Failures = {};
  await Promise.all(agents.map((agent) => sendUntilStored(pool, { agent, first: 0, reports: reportsPerAgent, endMsOf: endMsIn(endMs, reportsPerAgent), intervalMs: HOUR_MS }, failures)));
  return { reports: agents.length * reportsPerAgent, failures };
}

async function sendInOrder({ url, agents, reportsPerAgent, endMs, withinSeconds }: AgentsOrder): Promise<Sent> {
  const pool = new Pool(url, { connections: ONE_BY_ONE_CONNECTIONS, pipelining: 1 });
  const endMsOf = endMsIn(endMs, reportsPerAgent);
  const until = performance.now() + withinSeconds * 1000;
  const sent: Sent = { reports: 0, failures: {} };
  const sendSome = async (own: readonly Agent[]): Promise<void> => {
    for (let hour = 0; hour < reportsPerAgent; hour += 1) {
      for (const agent of own) {
        if (performance.now() >= until) return;
        await sendUntilStored(pool, { agent, first: hour, reports: 1, endMsOf, intervalMs: HOUR_MS }, sent.failures);
        sent.reports += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: ONE_BY_ONE_CONNECTIONS }, (_, connection) => sendSome(agents.filter((_agent, index) => index % ONE_BY_ONE_CONNECTIONS === connection))));
  return sent;
}

function endMsIn(endMs: number, reports: number): (report: number) => number {
  return (report) => endMs - (reports - 1 - report) * HOUR_MS;
}
