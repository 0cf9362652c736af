import type { Db, Tx } from '@iotistic/chassis/database';
import type { PageRequest } from '@iotistic/chassis/page';
import { newId } from '@iotistic/contracts/ids';
import { type Selectable, sql } from 'kysely';
import type { Allowances, Crossing } from '../domain/alerts.ts';
import type { SubscriptionPeriod } from '../domain/period.ts';
import { arrayLiteral } from './array-literal.ts';
import type { UsageTables } from './tables.ts';

export interface AlertRow extends Crossing {
  position: number;
  id: string;
  customerId: string;
  periodStart: Date;
  raisedAt: Date;
}

export type NewAlert = Crossing & { customerId: string; periodStart: Date };

/** Of one customer they get their positions in the order of their commits: a measurement has its customers to itself. */
export async function insertAlerts(tx: Tx<UsageTables>, alerts: readonly NewAlert[], at: Date): Promise<AlertRow[]> {
  if (alerts.length === 0) return [];
  const textsOf = (of: (alert: NewAlert) => string): string[] => alerts.map(of);
  // Most were raised before, and what is refused as a double would use up a position.
  const { rows } = await sql<Selectable<UsageTables['usage_alerts']>>`
    insert into usage_alerts (id, customer_id, kind, meter, threshold, used, included, period_start, raised_at)
    select a.id, a.customer_id, a.kind, a.meter, a.threshold, a.used, a.included, to_timestamp(a.start_ms / 1000.0), ${at}::timestamptz
    from unnest(${alerts.map(() => newId('alrt'))}::text[], ${textsOf((alert) => alert.customerId)}::text[], ${textsOf((alert) => alert.kind)}::text[], ${textsOf((alert) => alert.meter)}::text[],
      ${arrayLiteral(alerts.map((alert) => alert.threshold))}::int[], ${arrayLiteral(alerts.map((alert) => alert.used))}::bigint[], ${arrayLiteral(alerts.map((alert) => alert.included))}::bigint[],
      ${arrayLiteral(alerts.map((alert) => alert.periodStart.getTime()))}::bigint[])
      with ordinality as a (id, customer_id, kind, meter, threshold, used, included, start_ms, nth)
    where not exists (
      select from usage_alerts r where r.customer_id = a.customer_id and r.period_start = to_timestamp(a.start_ms / 1000.0)
        and r.kind = a.kind and r.meter = a.meter and r.threshold = a.threshold and r.included = a.included
    )
    order by a.nth
    on conflict do nothing
    returning *`.execute(tx);
  return rows.map(toAlert);
}

function toAlert(row: Selectable<UsageTables['usage_alerts']>): AlertRow {
  const { position, id, kind, meter, threshold, used, included } = row;
  return { position, id, customerId: row.customer_id, kind, meter, threshold, used, included, periodStart: row.period_start, raisedAt: row.raised_at };
}

/** Newest first; one more than asked for where there is one. */
export async function listAlerts(db: Db<UsageTables>, customerId: string, request: PageRequest<[position: number]>): Promise<AlertRow[]> {
  let query = db.selectFrom('usage_alerts').selectAll().where('customer_id', '=', customerId);
  if (request.after !== null) query = query.where('position', '<', request.after[0]);
  return (await query.orderBy('position', 'desc').limit(request.first + 1).execute()).map(toAlert);
}

/** Oldest first. */
export async function listAlertsAfter(db: Db<UsageTables>, customerId: string, position: number, limit: number): Promise<AlertRow[]> {
  return (await db.selectFrom('usage_alerts').selectAll().where('customer_id', '=', customerId).where('position', '>', position).orderBy('position').limit(limit).execute()).map(toAlert);
}

/** The customer's last; 0 where there is none. */
export async function findLastAlertPosition(db: Db<UsageTables>, customerId: string): Promise<number> {
  const row = await db.selectFrom('usage_alerts').select('position').where('customer_id', '=', customerId).orderBy('position', 'desc').limit(1).executeTakeFirst();
  return row?.position ?? 0;
}

/** Keeps what a period includes, by the highest version that names it. */
export async function saveAllowances(tx: Tx<UsageTables>, period: Pick<SubscriptionPeriod, 'customerId' | 'version' | 'included' | 'maxDevices'> & { periodStart: Date }): Promise<void> {
  await sql`
    insert into period_allowances as kept (customer_id, period_start, version, included, max_devices)
    values (${period.customerId}, ${period.periodStart}, ${period.version}, ${JSON.stringify(period.included)}::jsonb, ${period.maxDevices})
    on conflict (customer_id, period_start) do update set version = excluded.version, included = excluded.included, max_devices = excluded.max_devices
    where kept.version < excluded.version`.execute(tx);
}

/** In the order of the periods; null for one that billing never named. */
export async function listAllowances(db: Db<UsageTables>, periods: readonly { customerId: string; startMs: number }[]): Promise<(Allowances | null)[]> {
  if (periods.length === 0) return [];
  const { rows } = await sql<Allowances & { period: number }>`
    select q.period, a.included, a.max_devices as "maxDevices"
    from unnest(${periods.map(({ customerId }) => customerId)}::text[], ${arrayLiteral(periods.map(({ startMs }) => startMs))}::bigint[]) with ordinality as q (customer_id, start_ms, period)
    join period_allowances a on a.customer_id = q.customer_id and a.period_start = to_timestamp(q.start_ms / 1000.0)`.execute(db);
  const found = new Map(rows.map(({ period, ...allowances }) => [period, allowances]));
  return periods.map((_period, index) => found.get(index + 1) ?? null);
}
