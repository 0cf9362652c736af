/** `npm start -- --demo` as a person runs it: a fleet with a past, agents that go on, one Ctrl-C, and a second start that finds it all. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';

interface FleetCustomer {
  id: string;
  companyName: string;
  subscription: { plan: { key: string }; status: string };
  intake: { received: number; accepted: number; late: number; rejected: number };
  instances: { edges: { node: { name: string; lastReportedAt: string } }[] };
  invoices: { edges: { node: { status: string; total: { amount: number } } }[] };
  usageSeries: { reports: number }[];
}

const FLEET = `query ($from: DateTime!, $to: DateTime!) { customers(first: 50) { totalCount edges { node {
  id companyName subscription { plan { key } status } intake { received accepted late rejected } instances { edges { node { name lastReportedAt } } }
  invoices { edges { node { status total { amount } } } } usageSeries(meter: DEVICES, from: $from, to: $to) { reports } } } } }`;
const MADE_WITHIN_MS = 600_000;
const DAY_MS = 86_400_000;
const dataDir = mkdtempSync(join(tmpdir(), 'iotistic-demo-'));
let port: number;
let plane: StartedProcess;
let admin: GraphqlClient;

function start(environment: Record<string, string> = {}, options: string[] = ['--demo']): StartedProcess {
  return startProcess(process.execPath, [mainOf('control-plane'), ...options], { PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...environment });
}

async function untilMade(started: StartedProcess): Promise<void> {
  await waitFor(() => expect(started.output()).toMatch(/Try next: log in|could not be made|not usable/), { timeout: MADE_WITHIN_MS, interval: 200 });
  expect(started.output()).toContain('Try next: log in');
}

async function readFleet(): Promise<{ totalCount: number; customers: FleetCustomer[] }> {
  const now = Date.now();
  const { customers } = await admin.ask<{ customers: { totalCount: number; edges: { node: FleetCustomer }[] } }>(FLEET, { from: new Date(now - 40 * DAY_MS).toISOString(), to: new Date(now + DAY_MS).toISOString() });
  return { totalCount: customers.totalCount, customers: customers.edges.map(({ node }) => node) };
}

function namedIn(customers: readonly FleetCustomer[], companyName: string): FleetCustomer {
  const found = customers.find((customer) => customer.companyName === companyName);
  if (found === undefined) throw new Error(`${companyName} is not in the fleet`);
  return found;
}

beforeAll(async () => {
  await build();
  port = await findFreePort();
  plane = start();
  await untilMade(plane);
  admin = createGraphqlClient(`http://127.0.0.1:${port}`, { bearer: readFileSync(join(dataDir, 'admin-token'), 'utf8').trim() });
}, MADE_WITHIN_MS + 60_000);

afterAll(async () => {
  await plane.stop('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

describe('the demo', () => {
  it('has a customer in each state, a month of usage behind them, invoices, and ends in the present', async () => {
    const { customers } = await readFleet();
    const states = customers.map(({ subscription }) => `${subscription.plan.key} ${subscription.status}`);
    expect(states.toSorted()).toEqual(['ENTERPRISE ACTIVE', 'PROFESSIONAL ACTIVE', 'PROFESSIONAL PAST_DUE', 'STARTER ACTIVE', 'STARTER CANCELED', 'TRIAL TRIALING']);
    const northwind = namedIn(customers, 'Northwind Logistics');
    expect(northwind.usageSeries.filter(({ reports }) => reports > 0).length).toBeGreaterThanOrEqual(31);
    expect(northwind.intake).toMatchObject({ late: 72, rejected: 0 });
    expect(northwind.invoices.edges.filter(({ node }) => node.status === 'PAID' && node.total.amount >= 9_900)).toHaveLength(2);
    expect(namedIn(customers, 'Delta Mills').invoices.edges.map(({ node }) => node.status)).toContain('OPEN');
    const { offsetMs } = JSON.parse(readFileSync(join(dataDir, 'clock.json'), 'utf8')) as { offsetMs: number };
    expect(Math.abs(offsetMs)).toBeLessThan(60_000);
  });

  it('proves its own bills, each by the archive of each cluster', async () => {
    const { customers } = await admin.ask<{ customers: { edges: { node: { id: string; instances: { edges: { node: { name: string } }[] }; invoices: { edges: { node: { lines: { usage: { meter: string; periodStart: string } | null }[] } }[] } } }[] } }>(
      '{ customers(first: 10) { edges { node { id instances(first: 8) { edges { node { name } } } invoices(first: 4) { edges { node { lines { usage { meter periodStart } } } } } } } } }',
    );
    const proven: string[] = [];
    for (const { node } of customers.edges) {
      const usages = new Map(node.invoices.edges.flatMap(({ node: invoice }) => invoice.lines).flatMap(({ usage }) => (usage === null ? [] : [[`${usage.meter} ${usage.periodStart}`, usage] as const])));
      const instances = node.instances.edges.map(({ node: { name } }) => name).filter((name) => existsSync(join(dataDir, 'demo', name)));
      for (const { meter, periodStart } of usages.values()) {
        for (const instance of instances) {
          const { customer } = await admin.ask<{ customer: { meteredPeriod: { evidence: string } } }>('query ($id: ID!, $meter: Meter!, $start: DateTime!, $instance: String!) { customer(id: $id) { meteredPeriod(meter: $meter, periodStart: $start) { evidence(instance: $instance) } } }', { id: node.id, meter, start: periodStart, instance });
          const file = join(dataDir, 'evidence.jsonl');
          writeFileSync(file, customer.meteredPeriod.evidence);
          const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'instance-agent/bin/iotistic-agent.js'), 'verify-invoice', file], { encoding: 'utf8', env: { ...process.env, BILLING_API_URL: 'http://127.0.0.1:9', IOTISTIC_API_KEY: 'iotk_none', INSTANCE_ID: instance, AGENT_DATA_DIR: join(dataDir, 'demo', instance), NODE_ENV: 'production' } });
          expect([status, stderr], `${instance} ${meter}: ${stdout}`).toEqual([0, '']);
          proven.push(`${instance} ${meter}`);
        }
      }
    }
    expect(proven).toEqual(expect.arrayContaining(['rotterdam-prod DEVICES', 'rotterdam-prod MQTT_MESSAGES', 'hamburg-prod DEVICES', 'pit-1 DEVICES']));
  }, 200_000);

  it('warns of nothing, and says which token it takes', () => {
    expect(plane.output()).not.toMatch(/Warning: |ExperimentalWarning|DeprecationWarning/);
    expect(plane.output()).toContain(`$(cat ${join(dataDir, 'admin-token')})`);
  });

  it('has agents that go on reporting, and one that was flooded is noticed', async () => {
    const before = namedIn((await readFleet()).customers, 'Bright Farms').intake.received;
    await waitFor(async () => expect(namedIn((await readFleet()).customers, 'Bright Farms').intake.received).toBeGreaterThan(before), { timeout: 90_000, interval: 500 });
    await waitFor(async () => {
      const { usageAnomalies } = await admin.ask<{ usageAnomalies: { edges: { node: { kind: string } }[] } }>('{ usageAnomalies(open: true) { edges { node { kind } } } }');
      expect(usageAnomalies.edges.map(({ node }) => node.kind)).toContain('ABOVE_TREND');
    }, { timeout: 90_000, interval: 500 });
  }, 200_000);

  it('has deployments in every state', async () => {
    const [, said = ''] = /^ {2}Deployments +(.+)$/m.exec(plane.output()) ?? [];
    expect(said.split(', ').map((part) => part.split(' ')[1])).toEqual(['FAILED', 'QUEUED', 'REMOVED', 'RUNNING', 'SUCCEEDED']);
    await waitFor(async () => {
      const { deployments } = await admin.ask<{ deployments: { edges: { node: { status: string; reason: string | null; instance: { name: string } } }[] } }>('{ deployments(first: 100) { edges { node { status reason instance { name } } } } }');
      const stands = Object.fromEntries(deployments.edges.map(({ node }) => [node.instance.name, node.reason ?? node.status]));
      expect(stands).toMatchObject({ 'rotterdam-prod': 'SUCCEEDED', 'fail-annex': 'HELM_FAILED', 'old-annex': 'REMOVED', 'hang-staging': 'RUNNING', 'grid-coast': 'SUCCEEDED' });
    }, { timeout: 60_000, interval: 500 });
  });

  it('says who to log in as, and keeps that for its owner alone', async () => {
    const [, email = '', password = ''] = /^ {2}(marit@\S+) +(\S+) /m.exec(plane.output()) ?? [];
    const { logIn } = await admin.as({}).ask<{ logIn: { customer: { companyName: string } } }>('mutation ($input: LogInInput!) { logIn(input: $input) { customer { companyName } } }', { input: { email, password } });
    expect(logIn.customer.companyName).toBe('Northwind Logistics');
    expect(statSync(join(dataDir, 'demo/demo.json')).mode & 0o777).toBe(0o600);
  });

  it('answers every query of docs/rest-to-graphql.md', async () => {
    const examples = [...readFileSync(join(ROOT, 'docs/rest-to-graphql.md'), 'utf8').matchAll(/^```graphql\n((?:query|\{)[\s\S]*?)^```\n(?:\n```json\n([\s\S]*?)^```)?/gm)];
    expect(examples.length).toBeGreaterThan(8);
    const northwind = namedIn((await readFleet()).customers, 'Northwind Logistics');
    for (const [, document = '', variables = '{}'] of examples) {
      const answer = await admin.send(document, JSON.parse(variables.replaceAll('cust_0123456789abcdefghijklmn', northwind.id)) as Record<string, unknown>);
      expect([answer.status, answer.errors], document).toEqual([200, undefined]);
    }
  });

  it('ends with one signal, agents included, and a second start adds nothing but what its agents report', async () => {
    const before = await readFleet();
    expect(await plane.stop('SIGINT')).toBe(0);
    plane = start();
    await untilMade(plane);
    const after = await readFleet();
    expect(after.totalCount).toBe(before.totalCount);
    const shapeOf = ({ customers }: typeof after): unknown => customers.map(({ companyName, subscription, instances, invoices }) => [companyName, subscription, instances.edges.map(({ node }) => node.name), invoices.edges.length]);
    expect(shapeOf(after)).toEqual(shapeOf(before));
    expect(namedIn(after.customers, 'Delta Mills').intake).toEqual(namedIn(before.customers, 'Delta Mills').intake);
  }, MADE_WITHIN_MS);
});

describe('npm start', () => {
  it('refuses what it does not know, and a demo where it does not belong, in one plain sentence each', async () => {
    const refusals: [options: string[], environment: Record<string, string>, sentence: string][] = [
      [['--demmo'], {}, '--demmo: npm start takes one option, --demo'],
      [['--demo'], { STRIPE_SECRET_KEY: 'sk_test_of_an_account' }, '--demo: STRIPE_SECRET_KEY is set'],
      [['--demo'], { NODE_ENV: 'production' }, '--demo: NODE_ENV is production'],
    ];
    const refused = refusals.map(([options, environment, sentence]) => ({ sentence, started: start({ ...environment, DATA_DIR: join(dataDir, 'refused') }, options) }));
    for (const { sentence, started } of refused) {
      expect(await started.exited).toBe(1);
      expect(started.output()).toContain(sentence);
      expect(started.output()).not.toContain('    at ');
    }
  });
});
