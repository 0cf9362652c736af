/** Asks one series after the other, as one person with a dashboard does, and times each answer. */
import pg from 'pg';
import { Client } from 'undici';
import { type LoadTimes, followOrder, type Volley } from '../load-generator.ts';
import { quantile } from '../statistics.ts';

export interface Asked {
  authorization: string;
  variables: object;
  /** What its points have to add up to. */
  reports: number;
}

export interface LoadOrder extends LoadTimes {
  /** Of each day that is asked for, all that can be asked; the days by turns. */
  days: readonly (readonly Asked[])[];
  databaseUrl: string;
  /** Whether between two passes each instance's count rises, as it does with each report: nothing that was worked out before is good any more. */
  isFresh: boolean;
}

const SERIES = `query ($id: ID!, $meter: Meter!, $from: DateTime!, $to: DateTime!) {
  customer(id: $id) { usageSeries(meter: $meter, from: $from, to: $to, granularity: HOUR) { start end quantity peak reports } }
}`;
const AS_A_REPORT_DOES = 'update usage.instances set accepted = accepted + 1';

followOrder(async ({ url, days, databaseUrl, isFresh }: LoadOrder) => {
  const client = new Client(url);
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  let pass = 0;
  const fire = async (seconds: number): Promise<Volley> => {
    const latencies: number[] = [];
    const started = performance.now();
    while (performance.now() - started < seconds * 1000) {
      if (isFresh) await database.query(AS_A_REPORT_DOES);
      for (const asked of days[pass % days.length] ?? []) latencies.push(await ask(client, asked));
      pass += 1;
    }
    return { calls: latencies.length, failed: 0, wrongAnswer: null, seconds: (performance.now() - started) / 1000, latencyP50Ms: quantile(latencies, 0.5), latencyP99Ms: quantile(latencies, 0.99) };
  };
  return { fire };
});

/** @returns how long it took, in ms. @throws where the answer is not the right one */
async function ask(client: Client, { authorization, variables, reports }: Asked): Promise<number> {
  const body = JSON.stringify({ query: SERIES, variables });
  const sentAt = performance.now();
  const answer = await client.request({ method: 'POST', path: '/graphql', headers: { 'content-type': 'application/json', authorization }, body });
  const text = await answer.body.text();
  const took = performance.now() - sentAt;
  const { data } = JSON.parse(text) as { data?: { customer: { usageSeries: { reports: number }[] } | null } | null };
  const points = data?.customer?.usageSeries ?? [];
  if (points.length !== 24 || points.reduce((sum, point) => sum + point.reports, 0) !== reports) throw new Error(`${reports} reports were due in ${JSON.stringify(variables)}: ${text.slice(0, 400)}`);
  return took;
}
