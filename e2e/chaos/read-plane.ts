import { EVENTS, type EventName, METERS, type Meter } from '@iotistic/contracts/events';
import { BILLED, type HourOfInstance, type MeterReading, valuesOf } from './brute-force.ts';
import type { ChaosCustomer } from './customers.ts';
import { stripeOf } from './customers.ts';
import { type ChaosPlane, SUBGRAPHS } from './plane.ts';

/** What the plane has of one customer, by its tables; what Stripe has, by its API. */
export interface PlaneView {
  stored: MeterReading[];
  rolledUp: HourOfInstance[];
  intake: Map<string, { accepted: number; late: number; duplicates: number; rejected: number }>;
  metered: Map<Meter, { quantity: number; sentQuantity: number | null; status: string; revision: number; sentRevision: number | null; error: string | null }>;
  /** In units; null where Stripe has nothing. */
  atStripe: Map<Meter, number | null>;
}

const NUMBERS = ['active_devices', 'mqtt_messages_published', 'mqtt_messages_received', 'mqtt_bytes_sent', 'mqtt_bytes_received', 'http_requests', 'http_bytes_sent', 'http_bytes_received', 'storage_bytes'] as const;
const ROLLUP_COLUMNS: Record<Meter, string> = { DEVICES: 'devices_peak', MQTT_MESSAGES: 'mqtt_messages', MQTT_BYTES: 'mqtt_bytes', HTTP_BYTES: 'http_bytes', API_CALLS: 'api_calls', STORAGE_BYTES: 'storage_bytes_peak' };

type Row = Record<string, string | number | null>;

export async function readPlane(plane: ChaosPlane, customer: ChaosCustomer): Promise<PlaneView> {
  const [stored, rolledUp, intake, metered, atStripe] = [await readReports(plane, customer), await readRollups(plane, customer), await readIntake(plane, customer), await readMetered(plane, customer), await readStripe(plane, customer)];
  return { stored, rolledUp, intake, metered, atStripe };
}

async function rows(plane: ChaosPlane, sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  return (await plane.database.query<Row>(sql, [...parameters])).rows;
}

async function readReports(plane: ChaosPlane, { id }: ChaosCustomer): Promise<MeterReading[]> {
  const found = await rows(
    plane,
    `select i.name, r.sequence, (extract(epoch from r.interval_end) * 1000)::bigint as end_ms, ${NUMBERS.map((name) => `r.${name}`).join(', ')}
      from usage.usage_reports r join usage.instances i on i.no = r.instance_no where i.customer_id = $1`,
    [id],
  );
  return found.map((row) => {
    const [activeDevices = 0, mqttMessagesPublished = 0, mqttMessagesReceived = 0, mqttBytesSent = 0, mqttBytesReceived = 0, httpRequests = 0, httpBytesSent = 0, httpBytesReceived = 0, storageBytes = 0] = NUMBERS.map((name) => Number(row[name]));
    const values = valuesOf({ activeDevices, mqttMessagesPublished, mqttMessagesReceived, mqttBytesSent, mqttBytesReceived, httpRequests, httpBytesSent, httpBytesReceived, storageBytes });
    return { instance: String(row['name']), sequence: Number(row['sequence']), endMs: Number(row['end_ms']), values };
  });
}

async function readRollups(plane: ChaosPlane, { id }: ChaosCustomer): Promise<HourOfInstance[]> {
  const found = await rows(
    plane,
    `select i.name, r.reports, (extract(epoch from r.hour) * 1000)::bigint as start_ms, ${METERS.map((meter) => `r.${ROLLUP_COLUMNS[meter]}`).join(', ')}
      from usage.rollups_hourly r join usage.instances i on i.no = r.instance_no where i.customer_id = $1`,
    [id],
  );
  return found.map((row) => ({ instance: String(row['name']), startMs: Number(row['start_ms']), reports: Number(row['reports']), values: Object.fromEntries(METERS.map((meter) => [meter, Number(row[ROLLUP_COLUMNS[meter]])])) as Record<Meter, number> }));
}

async function readIntake(plane: ChaosPlane, { id }: ChaosCustomer): Promise<PlaneView['intake']> {
  const found = await rows(plane, 'select name, accepted, late, duplicates, rejected from usage.instances where customer_id = $1', [id]);
  return new Map(found.map((row) => [String(row['name']), { accepted: Number(row['accepted']), late: Number(row['late']), duplicates: Number(row['duplicates']), rejected: Number(row['rejected']) }]));
}

async function readMetered(plane: ChaosPlane, { id, periodStart }: ChaosCustomer): Promise<PlaneView['metered']> {
  const found = await rows(plane, 'select meter, quantity, sent_quantity, status, revision, sent_revision, error from billing.metered_quantities where customer_id = $1 and period_start = $2', [id, periodStart]);
  const optional = (value: string | number | null | undefined): number | null => (value === null || value === undefined ? null : Number(value));
  return new Map(found.map((row) => [row['meter'] as Meter, { quantity: Number(row['quantity']), sentQuantity: optional(row['sent_quantity']), status: String(row['status']), revision: Number(row['revision']), sentRevision: optional(row['sent_revision']), error: row['error'] === null ? null : String(row['error']) }]));
}

async function readStripe(plane: ChaosPlane, { stripeCustomerId, periodStart }: ChaosCustomer): Promise<PlaneView['atStripe']> {
  const stripe = stripeOf(plane);
  const meters = await stripe.billing.meters.list({ limit: 100 });
  const found: PlaneView['atStripe'] = new Map();
  for (const meter of METERS) {
    const billed = BILLED[meter];
    if (billed === undefined) continue;
    const id = meters.data.find(({ event_name: name }) => name === billed.eventName)?.id;
    if (id === undefined) continue;
    const start = Math.floor(periodStart.getTime() / 60_000) * 60;
    const summaries = await stripe.billing.meters.listEventSummaries(id, { customer: stripeCustomerId, start_time: start, end_time: Math.ceil(Date.now() / 60_000) * 60 + 60, limit: 1 });
    found.set(meter, summaries.data[0] === undefined ? null : Number(String(summaries.data[0].aggregated_value)));
  }
  return found;
}

/** What is on its way inside the plane, in words; nothing when all is done. */
export async function pendingWork(plane: ChaosPlane): Promise<string[]> {
  const pending: string[] = [];
  const count = async (what: string, sql: string, parameters: readonly unknown[] = []): Promise<void> => {
    const [row] = await rows(plane, sql, parameters);
    if (Number(row?.['count'] ?? 0) > 0) pending.push(`${row?.['count']} ${what}`);
  };
  await count('changed customers to be measured', 'select count(*) from usage.changed_customers');
  for (const schema of SUBGRAPHS) await count(`events of ${schema} to be handed on`, `select count(*) from ${schema}.outbox where relayed_at is null`);
  for (const name of Object.keys(EVENTS) as EventName[]) {
    const { publisher, readers } = EVENTS[name];
    for (const reader of readers) await count(`${name} not handled by ${reader}`, `select count(*) from ${publisher}.outbox o left join ${reader}.inbox i on i.event_id = o.id where o.name = $1 and i.event_id is null`, [name]);
  }
  await count('quantities to be told to Stripe', "select count(*) from billing.metered_quantities where status in ('PENDING', 'SENDING')");
  await count("of Stripe's events to be applied", "select count(*) from billing.webhook_events where status = 'RECEIVED'");
  await count("of Stripe's events given up", "select count(*) from billing.webhook_events where status = 'FAILED'");
  await count('operations at Stripe without an end', 'select count(*) from billing.operations where finished_at is null');
  const health = (await (await fetch(`${plane.stripeUrl}/_sim/health`)).json()) as { pendingDeliveries: number };
  if (health.pendingDeliveries > 0) pending.push(`${health.pendingDeliveries} webhooks to be delivered`);
  return pending;
}

/** Changes that were told to be audited, and are not in the log: nothing that comes later makes up for one. */
export async function unauditedChanges(plane: ChaosPlane): Promise<string[]> {
  const found: string[] = [];
  for (const schema of ['billing', 'licensing', 'usage'] as const) {
    const missing = await rows(plane, `select o.payload::jsonb->>'action' as action, o.payload::jsonb->>'customerId' as customer from ${schema}.outbox o left join customers.audit_entries a on a.id = o.payload::jsonb->>'id' where o.name = $1 and a.id is null`, [`${schema}.audited`]);
    found.push(...missing.map((row) => `${String(row['customer'])}: ${String(row['action'])} of ${schema}`));
  }
  return found;
}

/** The revisions that usage told billing of, per customer. */
export async function toldRevisions(plane: ChaosPlane, customerId: string): Promise<number[]> {
  const found = await rows(plane, `select (payload::jsonb->>'revision')::bigint as revision from usage.outbox where name = 'usage.recorded' and payload::jsonb->>'customerId' = $1 order by 1`, [customerId]);
  return found.map((row) => Number(row['revision']));
}

export interface Standing {
  subscription: { version: number; plan: string; status: string; endsAtPeriodEnd: boolean };
  licensing: { version: number; plan: string } | null;
  usageVersion: number | null;
  license: { id: string; version: number } | null;
  /** Of every license that was ever made, in the order in which they were replaced; the one in force last. */
  licenseVersions: number[];
  toldVersions: number[];
}

/** Where the customer's subscription stands in each part. */
export async function readStanding(plane: ChaosPlane, customerId: string): Promise<Standing> {
  const [subscription] = await rows(plane, 'select version, plan, status, cancel_at_period_end from billing.subscriptions where customer_id = $1', [customerId]);
  const [entitlement] = await rows(plane, 'select version, plan from licensing.entitlements where customer_id = $1', [customerId]);
  const [period] = await rows(plane, 'select version from usage.subscription_periods where customer_id = $1', [customerId]);
  const licenses = await rows(plane, 'select id, version, superseded_at from licensing.licenses where customer_id = $1 and not air_gap order by superseded_at nulls last, version', [customerId]);
  const told = await rows(plane, `select (payload::jsonb->>'version')::bigint as version from billing.outbox where name = 'subscription.changed' and payload::jsonb->>'customerId' = $1 order by 1`, [customerId]);
  const inForce = licenses.find((row) => row['superseded_at'] === null);
  return {
    subscription: { version: Number(subscription?.['version']), plan: String(subscription?.['plan']), status: String(subscription?.['status']), endsAtPeriodEnd: String(subscription?.['cancel_at_period_end']) === 'true' },
    licensing: entitlement === undefined ? null : { version: Number(entitlement['version']), plan: String(entitlement['plan']) },
    usageVersion: period === undefined ? null : Number(period['version']),
    license: inForce === undefined ? null : { id: String(inForce['id']), version: Number(inForce['version']) },
    licenseVersions: licenses.map((row) => Number(row['version'])),
    toldVersions: told.map((row) => Number(row['version'])),
  };
}
