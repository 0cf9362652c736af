import { instanceId } from '@iotistic/contracts/ids';
import { chainHash, CHAIN_START } from '@iotistic/contracts/report-chain';
import { checkUsageEvidence, readUsageEvidence } from '@iotistic/contracts/usage-evidence';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';
const NOW = '2026-11-20T12:00:00.000Z';
const MINUTE_MS = 60_000;
const clock = createTestClock(NOW);
let database: TestDatabase;
let usage: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
});
afterAll(async () => {
  await usage.close();
  await database.drop();
});

interface Traced {
  periodStart: string;
  periodEnd: string;
  quantity: number;
  measured: number;
  adjusted: number;
  points: { start: string; end: string; quantity: number; reports: number }[];
  reports: { edges: { node: { id: string; intervalEnd: string; activeDevices: number; mqttMessagesPublished: number; mqttMessagesReceived: number; instance: { name: string } } }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

const FIELDS = 'periodStart periodEnd quantity measured adjusted points { start end quantity reports } reports(first: 100) { edges { node { id intervalEnd activeDevices mqttMessagesPublished mqttMessagesReceived instance { name } } } pageInfo { hasNextPage endCursor } }';

async function trace(tenant: Tenant, meter: 'DEVICES' | 'MQTT_MESSAGES', periodStart: string): Promise<Traced> {
  const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on MeteredPeriod { ' + FIELDS + ' } } }';
  return (await usage.data<{ _entities: Traced[] }>(tenant.user, query, { of: [{ __typename: 'MeteredPeriod', customerId: tenant.id, meter, periodStart }] }))._entities[0] as Traced;
}

const ADJUST = 'mutation ($input: AdjustUsageInput!) { adjustUsage(input: $input) { adjustment { id quantity signedOffBy reference } period { quantity measured adjusted adjustments { quantity reason } } } }';
const adjust = (input: Json): Promise<{ adjustUsage: { adjustment: { id: string }; period: { quantity: number; measured: number; adjusted: number } } }> => usage.data(ADMIN, ADJUST, { input });

async function named(tenant: Tenant, version: number, start: string, end: string): Promise<void> {
  await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, version, { start, end }));
  await waitFor(async () => expect((await usage.db.selectFrom('billing_periods').select('version').where('customer_id', '=', tenant.id).where('period_start', '=', new Date(start)).executeTakeFirst())?.version).toBe(version));
}

interface Event {
  kind: 'report' | 'period' | 'invoiced' | 'adjust';
  minute: number;
  instance: number;
  devices: number;
  messages: number;
}

/** Five days by the minute, in which anything may come in any order. */
const history = fc.array(
  fc.record({ kind: fc.constantFrom<Event['kind']>('report', 'report', 'report', 'report', 'report', 'period', 'invoiced', 'adjust'), minute: fc.integer({ min: 1, max: 7_200 }), instance: fc.integer({ min: 0, max: 2 }), devices: fc.integer({ min: 0, max: 9 }), messages: fc.integer({ min: 0, max: 1_000 }) }),
  { minLength: 15, maxLength: 60 },
);
const FIRST_MS = Date.parse(NOW) - 5 * 86_400_000;
const at = (minute: number): string => new Date(FIRST_MS + minute * MINUTE_MS).toISOString();

class Life {
  readonly tenant = newTenant();
  readonly starts: string[] = [at(0)];
  #version = 1;

  async live(events: readonly Event[]): Promise<void> {
    await named(this.tenant, 1, at(0), at(50_000));
    for (const event of events) await this.#step(event);
  }

  async #step({ kind, minute, instance, devices, messages }: Event): Promise<void> {
    const newest = this.starts.at(-1) as string;
    switch (kind) {
      case 'report':
        await usage.report(this.tenant.instance, `i${instance}`, [reportEnding(at(minute), { intervalStart: at(minute - 1), activeDevices: devices, mqttMessagesPublished: messages })]);
        break;
      case 'period':
        if (at(minute) <= newest) return;
        this.#version += 1;
        await named(this.tenant, this.#version, at(minute), at(50_000 + minute));
        this.starts.push(at(minute));
        break;
      case 'invoiced':
        if (this.starts.length < 2) return;
        await usage.deliver('period.invoiced', { customerId: this.tenant.id, periodStart: this.starts.at(-2) as string, periodEnd: newest, invoiceId: 'invc_1', at: NOW });
        break;
      case 'adjust':
        await adjust({ customerId: this.tenant.id, meter: 'MQTT_MESSAGES', periodStart: this.starts[minute % this.starts.length], quantity: messages - 400 === 0 ? 1 : messages - 400, reason: 'a test', reference: `r-${minute}-${messages}-${devices}` });
        break;
    }
  }
}

/** SPEC 7, read from the reports alone. */
function byHand(meter: 'DEVICES' | 'MQTT_MESSAGES', { reports, points }: Traced): number {
  const nodes = reports.edges.map(({ node }) => node);
  if (meter === 'MQTT_MESSAGES') return nodes.reduce((sum, node) => sum + node.mqttMessagesPublished + node.mqttMessagesReceived, 0);
  const hours = points.map(({ start, end }) => {
    const ofHour = nodes.filter(({ intervalEnd }) => intervalEnd > start && intervalEnd <= end);
    return [...new Set(ofHour.map(({ instance }) => instance.name))].reduce((sum, name) => sum + Math.max(...ofHour.filter(({ instance }) => instance.name === name).map(({ activeDevices }) => activeDevices)), 0);
  });
  return Math.max(0, ...hours);
}

describe('the trace of a period', () => {
  it('adds up: quantity = hours = reports, and is what billing was told, whatever came in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const life = new Life();
        await life.live(events);
        const periods = await Promise.all(life.starts.map(async (start) => ({ start, DEVICES: await trace(life.tenant, 'DEVICES', start), MQTT_MESSAGES: await trace(life.tenant, 'MQTT_MESSAGES', start) })));
        for (const period of periods) for (const meter of ['DEVICES', 'MQTT_MESSAGES'] as const) {
          const traced = period[meter];
          const values = traced.points.map(({ quantity }) => quantity);
          expect(traced.reports.pageInfo.hasNextPage).toBe(false);
          expect(traced.measured).toBe(byHand(meter, traced));
          expect(traced.measured).toBe(meter === 'DEVICES' ? Math.max(0, ...values) : values.reduce((sum, value) => sum + value, 0));
          expect(traced.points.reduce((sum, { reports }) => sum + reports, 0)).toBe(traced.reports.edges.length);
          expect(traced.quantity).toBe(Math.max(0, traced.measured + traced.adjusted));
        }
        // No report is in two periods, and none in no period.
        const ids = periods.flatMap(({ DEVICES }) => DEVICES.reports.edges.map(({ node }) => node.id));
        expect([new Set(ids).size, ids.length]).toEqual([ids.length, new Set(events.filter(({ kind }) => kind === 'report').map((_each, index) => index)).size]);
        await waitFor(async () => {
          const told = (await usage.published(life.tenant.id)).filter(({ name }) => name === 'usage.recorded');
          for (const period of periods) {
            const last = told.filter(({ payload }) => payload['periodStart'] === period.start).at(-1)?.payload['quantities'] as Record<string, number> | undefined;
            expect([period.start, last?.['DEVICES'] ?? 0, last?.['MQTT_MESSAGES'] ?? 0]).toEqual([period.start, period.DEVICES.quantity, period.MQTT_MESSAGES.quantity]);
          }
        });
      }),
      { numRuns: 8 },
    );
  }, 180_000);

  it('is exported with what chains the reports, so that the other side can check it; a changed number is found', async () => {
    const tenant = newTenant();
    await named(tenant, 1, '2026-11-10T08:37:00.000Z', '2026-12-10T08:37:00.000Z');
    let previousHash = CHAIN_START;
    for (let sequence = 1; sequence <= 30; sequence += 1) {
      const endMs = Date.parse('2026-11-10T08:30:00Z') + sequence * 20 * MINUTE_MS;
      await usage.report(tenant.instance, 'plant', [reportEnding(new Date(endMs), { intervalStart: new Date(endMs - 20 * MINUTE_MS).toISOString(), sequence, previousHash, activeDevices: sequence % 5, totalDevices: 9, mqttMessagesPublished: sequence })]);
      previousHash = chainHash({ sequence, startMs: endMs - 20 * MINUTE_MS, endMs, counts: [sequence % 5, 9, sequence, 0, 0, 0, 0, 0, 0, 0, 0], previousHash });
    }
    await usage.report(tenant.instance, 'other', [reportEnding('2026-11-10T12:00:00Z', { activeDevices: 3, mqttMessagesPublished: 5 })]);
    await adjust({ customerId: tenant.id, meter: 'MQTT_MESSAGES', periodStart: '2026-11-10T08:37:00.000Z', quantity: -40, reason: 'a test of the line', reference: 'T-1' });
    for (const [meter, quantity] of [['MQTT_MESSAGES', 430], ['DEVICES', 7]] as const) {
      const { meteredPeriod } = await usage.customer<{ meteredPeriod: { evidence: string; quantity: number } }>(tenant.user, tenant.id, `meteredPeriod(meter: ${meter}, periodStart: "2026-11-10T08:37:00.000Z") { quantity evidence(instance: "plant") }`);
      const read = readUsageEvidence(meteredPeriod.evidence);
      if (read.state !== 'GOOD') throw new Error(`line ${read.line}: ${read.reason}`);
      expect([meteredPeriod.quantity, read.evidence.reports.length, checkUsageEvidence(read.evidence)]).toEqual([quantity, 30, []]);
    }
    await usage.pool.query('update usage_reports set mqtt_messages_published = mqtt_messages_published + 1 where instance_no = (select no from instances where id = $1) and sequence = 7', [instanceId(tenant.id, 'plant')]);
    const { meteredPeriod } = await usage.customer<{ meteredPeriod: { evidence: string } }>(tenant.user, tenant.id, 'meteredPeriod(meter: MQTT_MESSAGES, periodStart: "2026-11-10T08:37:00.000Z") { evidence(instance: "plant") }');
    const tampered = readUsageEvidence(meteredPeriod.evidence);
    expect(tampered.state === 'GOOD' && checkUsageEvidence(tampered.evidence).length).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it('is for the customer’s people and the operator, of periods that there were', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    await named(tenant, 1, '2026-11-10T00:00:00.000Z', '2026-12-10T00:00:00.000Z');
    const of = [{ __typename: 'MeteredPeriod', customerId: tenant.id, meter: 'DEVICES', periodStart: '2026-11-10T00:00:00.000Z' }];
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on MeteredPeriod { quantity } } }';
    expect(await usage.data(tenant.user, query, { of })).toEqual({ _entities: [{ quantity: 0 }] });
    expect(await usage.data(other.user, query, { of })).toEqual({ _entities: [null] });
    expect(await usage.refusal(tenant.instance, query, { of })).toBe('FORBIDDEN NOT_FOR_INSTANCES');
    expect(await usage.customer(ADMIN, tenant.id, 'meteredPeriod(meter: DEVICES, periodStart: "2026-11-11T00:00:00Z") { quantity }')).toEqual({ meteredPeriod: null });
  });
});

describe('a correction', () => {
  it('stands beside what was measured, once for each reference, in summary, list and audit', async () => {
    const tenant = newTenant();
    await named(tenant, 1, '2026-11-10T00:00:00.000Z', '2026-12-10T00:00:00.000Z');
    await usage.report(tenant.instance, 'a', [reportEnding('2026-11-20T11:00:00Z', { mqttMessagesPublished: 100 })]);
    const input = { customerId: tenant.id, meter: 'MQTT_MESSAGES', quantity: -30, reason: 'counted twice by the product', reference: 'TICKET-7' };
    const [one, again] = [await adjust(input), await adjust(input)];
    expect(one.adjustUsage).toMatchObject({ adjustment: { quantity: -30, signedOffBy: 'admin:operator', reference: 'TICKET-7' }, period: { quantity: 70, measured: 100, adjusted: -30 } });
    expect(again).toEqual(one);
    await adjust({ ...input, quantity: -1_000, reference: 'TICKET-8' });
    const { usageSummary, usageAdjustments } = await usage.customer<{ usageSummary: { meters: { meter: string; used: number; adjusted: number }[] }; usageAdjustments: { edges: { node: { reference: string } }[] } }>(tenant.user, tenant.id, 'usageSummary { meters { meter used adjusted } } usageAdjustments { edges { node { reference } } }');
    expect(usageSummary.meters.find(({ meter }) => meter === 'MQTT_MESSAGES')).toEqual({ meter: 'MQTT_MESSAGES', used: 0, adjusted: -1_030 });
    expect(usageAdjustments.edges.map(({ node }) => node.reference).toSorted()).toEqual(['TICKET-7', 'TICKET-8']);
    const audits = (await usage.published(tenant.id)).filter(({ name }) => name === 'usage.audited').map(({ payload }) => `${String(payload['actor'])} ${String(payload['action'])} ${String(payload['detail'])}`);
    expect(audits[0]).toBe('admin:operator usage.adjusted MQTT_MESSAGES -30 in the period from 2026-11-10T00:00:00.000Z (TICKET-7): counted twice by the product');
    expect(audits).toHaveLength(2);
    await waitFor(async () => expect((await usage.published(tenant.id)).filter(({ name }) => name === 'usage.recorded').at(-1)?.payload['quantities']).toMatchObject({ MQTT_MESSAGES: 0 }));
  });

  it('is refused with a reason where it makes no sense, and for whom it is not', async () => {
    const tenant = newTenant();
    await named(tenant, 1, '2026-11-10T00:00:00.000Z', '2026-12-10T00:00:00.000Z');
    const input = { customerId: tenant.id, meter: 'DEVICES', quantity: 1, reason: 'why', reference: 'T-1' };
    const refusal = (changed: Json): Promise<string> => usage.refusal(ADMIN, ADJUST, { input: { ...input, ...changed } });
    expect(await usage.refusal(tenant.user, ADJUST, { input })).toBe('FORBIDDEN ADMIN_ONLY');
    expect(await refusal({ quantity: 0 })).toBe('INVALID_INPUT INVALID_ADJUSTMENT');
    expect(await refusal({ quantity: -2e15 })).toBe('INVALID_INPUT INVALID_ADJUSTMENT');
    expect(await refusal({ reference: 'with space' })).toBe('INVALID_INPUT INVALID_ADJUSTMENT');
    expect(await refusal({ reason: ' ' })).toBe('INVALID_INPUT INVALID_TEXT');
    expect(await refusal({ periodStart: '2026-11-11T00:00:00Z' })).toBe('NOT_FOUND PERIOD_NOT_FOUND');
    expect(await refusal({ customerId: 'cust_nobody' })).toBe('NOT_FOUND CUSTOMER_NOT_FOUND');
    await adjust(input);
    expect(await refusal({ quantity: 2 })).toBe('CONFLICT REFERENCE_TAKEN');
  });
});

describe('usage as a table', () => {
  it('has a line for each bucket and a column for each meter', async () => {
    const tenant = newTenant();
    await usage.report(tenant.instance, 'a', [reportEnding('2026-11-19T11:00:00Z', { activeDevices: 3, mqttMessagesPublished: 10, mqttBytesSent: 20, httpBytesSent: 30, httpRequests: 40, storageBytes: 50 })]);
    const { usageCsv } = await usage.customer<{ usageCsv: string }>(tenant.user, tenant.id, 'usageCsv(from: "2026-11-18T00:00:00Z", to: "2026-11-20T00:00:00Z")');
    expect(usageCsv.split('\r\n')).toEqual(['start,end,devices,mqttMessages,mqttBytes,httpBytes,apiCalls,storageBytes,reports', '2026-11-18T00:00:00.000Z,2026-11-19T00:00:00.000Z,0,0,0,0,0,0,0', '2026-11-19T00:00:00.000Z,2026-11-20T00:00:00.000Z,3,10,20,30,40,50,1', '']);
  });
});
