import type { Db, Tx } from '@iotistic/chassis/database';
import type { PageRequest } from '@iotistic/chassis/page';
import { type Meter, USAGE_ANOMALY_KINDS, type UsageAnomalyKind } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import { sql } from 'kysely';
import type { UsageTables } from './tables.ts';

export interface NewAnomaly {
  customerId: string;
  instanceId: string | null;
  kind: UsageAnomalyKind;
  meter: Meter | null;
  /** What it is about: of one kind there is one open at a time, and of ABOVE_TREND one ever. */
  subject: string;
  detail: string;
  /** When it was seen last; of a silent instance, when that reported last. */
  seenAt: Date;
}

export interface AnomalyRow {
  position: number;
  id: string;
  customerId: string;
  instanceId: string | null;
  instanceName: string | null;
  kind: UsageAnomalyKind;
  meter: Meter | null;
  detail: string;
  raisedAt: Date;
  resolvedAt: Date | null;
}

const COLUMNS = sql`
  a.position, a.id, a.customer_id as "customerId", a.instance_id as "instanceId", i.name as "instanceName", a.kind, a.meter, a.detail, a.raised_at as "raisedAt", a.resolved_at as "resolvedAt"`;

/** Of each that is open already it is only noted that it was seen again. Answers those that are new. Their positions are in the order of commits as long as those who look do so one at a time. */
export async function insertAnomalies(tx: Tx<UsageTables>, anomalies: readonly NewAnomaly[], at: Date): Promise<AnomalyRow[]> {
  if (anomalies.length === 0) return [];
  const kinds = anomalies.map(({ kind }) => kind);
  const subjects = anomalies.map(({ subject }) => subject);
  await sql`
    update usage_anomalies a set seen_at = greatest(a.seen_at, s.seen_at)
    from unnest(${kinds}::text[], ${subjects}::text[], ${anomalies.map(({ seenAt }) => seenAt.toISOString())}::timestamptz[]) as s (kind, subject, seen_at)
    where a.kind = s.kind and a.subject = s.subject and a.resolved_at is null`.execute(tx);
  const { rows } = await sql<AnomalyRow>`
    with raised as (
      insert into usage_anomalies (id, customer_id, instance_id, kind, meter, subject, detail, raised_at, seen_at)
      select n.id, n.customer_id, n.instance_id, n.kind, n.meter, n.subject, n.detail, ${at}::timestamptz, n.seen_at
      from unnest(${anomalies.map(() => newId('anom'))}::text[], ${anomalies.map(({ customerId }) => customerId)}::text[], ${anomalies.map(({ instanceId }) => instanceId)}::text[], ${kinds}::text[],
        ${anomalies.map(({ meter }) => meter)}::text[], ${subjects}::text[], ${anomalies.map(({ detail }) => detail)}::text[], ${anomalies.map(({ seenAt }) => seenAt.toISOString())}::timestamptz[])
        with ordinality as n (id, customer_id, instance_id, kind, meter, subject, detail, seen_at, nth)
      where not exists (select from usage_anomalies o where o.kind = n.kind and o.subject = n.subject and (o.resolved_at is null or o.kind = 'ABOVE_TREND'))
      order by n.nth
      on conflict do nothing
      returning *
    )
    select ${COLUMNS} from raised a left join instances i on i.id = a.instance_id order by a.position`.execute(tx);
  return rows;
}

export interface AnomalyFilter {
  /** null for anyone's. */
  customerId: string | null;
  /** null for both. */
  isOpen: boolean | null;
}

/** Newest first; one more than asked for where there is one. */
export async function listAnomalies(db: Db<UsageTables>, { customerId, isOpen }: AnomalyFilter, request: PageRequest<[position: number]>): Promise<AnomalyRow[]> {
  const conditions = [
    ...(customerId === null ? [] : [sql`a.customer_id = ${customerId}`]),
    ...(isOpen === null ? [] : [isOpen ? sql`a.resolved_at is null` : sql`a.resolved_at is not null`]),
    ...(request.after === null ? [] : [sql`a.position < ${request.after[0]}`]),
    sql`true`,
  ];
  const { rows } = await sql<AnomalyRow>`
    select ${COLUMNS} from usage_anomalies a left join instances i on i.id = a.instance_id
    where ${sql.join(conditions, sql` and `)} order by a.position desc limit ${request.first + 1}`.execute(db);
  return rows;
}

/** Oldest first. */
export async function listAnomaliesAfter(db: Db<UsageTables>, customerId: string, position: number, limit: number): Promise<AnomalyRow[]> {
  const { rows } = await sql<AnomalyRow>`
    select ${COLUMNS} from usage_anomalies a left join instances i on i.id = a.instance_id
    where a.customer_id = ${customerId} and a.position > ${position} order by a.position limit ${limit}`.execute(db);
  return rows;
}

/** The customer's last; 0 where there is none. */
export async function findLastAnomalyPosition(db: Db<UsageTables>, customerId: string): Promise<number> {
  const row = await db.selectFrom('usage_anomalies').select('position').where('customer_id', '=', customerId).orderBy('position', 'desc').limit(1).executeTakeFirst();
  return row?.position ?? 0;
}

/** How many are open, of every kind. */
export async function countOpenAnomalies(db: Db<UsageTables>): Promise<Record<UsageAnomalyKind, number>> {
  const { rows } = await sql<{ kind: UsageAnomalyKind; count: number }>`select kind, count(*)::int as count from usage_anomalies where resolved_at is null group by kind`.execute(db);
  const counts = new Map(rows.map(({ kind, count }) => [kind, count]));
  return Object.fromEntries(USAGE_ANOMALY_KINDS.map((kind) => [kind, counts.get(kind) ?? 0])) as Record<UsageAnomalyKind, number>;
}

/** Whatever was not seen since then is over, but silence: that ends with a report. */
export async function resolveUnseenAnomalies(tx: Tx<UsageTables>, seenBefore: Date, at: Date): Promise<void> {
  await tx.updateTable('usage_anomalies').set({ resolved_at: at }).where('resolved_at', 'is', null).where('kind', '<>', 'INSTANCE_SILENT').where('seen_at', '<', seenBefore).execute();
}

/** Silence is over where the instance reported again, or where nobody waits for it any more; from now on it is watched again. */
export async function resolveSilence(tx: Tx<UsageTables>, at: Date): Promise<void> {
  await sql`
    with ended as (
      update usage_anomalies a set resolved_at = ${at}::timestamptz
      from instances i left join subscription_standings s on s.customer_id = i.customer_id
      where a.resolved_at is null and a.kind = 'INSTANCE_SILENT' and i.id = a.instance_id and (i.last_reported_at > a.seen_at or s.is_over)
      returning i.no
    )
    update watched_instances w set due_at = ${at}::timestamptz from ended where w.instance_no = ended.no`.execute(tx);
}
