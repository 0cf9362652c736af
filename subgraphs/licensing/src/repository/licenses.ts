import type { Db, Tx } from '@iotistic/chassis/database';
import type { PlanKey } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import type { LicensesTable, LicensingTables } from './tables.ts';

export interface LicenseRow {
  id: string;
  customerId: string;
  version: number;
  plan: PlanKey;
  keyId: string;
  token: string;
  issuedAt: Date;
  expiresAt: Date;
  unlicensedFrom: Date;
  renewAt: Date | null;
  supersededAt: Date | null;
  revokedAt: Date | null;
  airGap: boolean;
}

/** What a customer has: whether licensing has heard of it at all, and its license in force. */
export interface Standing {
  known: boolean;
  license: LicenseRow | null;
  /** How many revocations there were, of whomever. */
  epoch: number;
}

export function toLicense(row: Selectable<LicensesTable>): LicenseRow {
  return {
    id: row.id,
    customerId: row.customer_id,
    version: row.version,
    plan: row.plan,
    keyId: row.key_id,
    token: row.token,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    unlicensedFrom: row.unlicensed_from,
    renewAt: row.renew_at,
    supersededAt: row.superseded_at,
    revokedAt: row.revoked_at,
    airGap: row.air_gap,
  };
}

/** In the order of the ids; license and epoch are of one moment. Asked with every fetch, so that the usual case is one look into one index. */
export async function listStandings(db: Db<LicensingTables>, customerIds: readonly string[]): Promise<Standing[]> {
  const ids = [...new Set(customerIds)];
  const { rows } = await sql<Selectable<LicensesTable> & { epoch: number }>`
    select l.*, (select epoch from revocation_epochs) as epoch from licenses l where l.customer_id = any(${ids}) and l.superseded_at is null and not l.air_gap`.execute(db);
  const standings = new Map<string, Standing>(rows.map((row) => [row.customer_id, { known: true, epoch: row.epoch, license: toLicense(row) }]));
  for (const [id, standing] of await listUnlicensed(db, ids.filter((each) => !standings.has(each)))) standings.set(id, standing);
  return customerIds.map((id) => standings.get(id) as Standing);
}

/** Of customers without a license: whether they were heard of at all. */
async function listUnlicensed(db: Db<LicensingTables>, ids: readonly string[]): Promise<[string, Standing][]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string; known: boolean; epoch: number }>`
    select asked.id, (exists (select from entitlements e where e.customer_id = asked.id) or exists (select from deactivations d where d.customer_id = asked.id)) as known, (select epoch from revocation_epochs) as epoch
    from unnest(${ids}::text[]) as asked (id)`.execute(db);
  return rows.map(({ id, known, epoch }) => [id, { known, epoch, license: null }]);
}

/** In the order of the ids; null for one that is not known. */
export async function listLicenses(db: Db<LicensingTables>, ids: readonly string[]): Promise<(LicenseRow | null)[]> {
  const rows = await db.selectFrom('licenses').selectAll().where(sql<boolean>`id = any(${ids})`).execute();
  const byId = new Map(rows.map((row) => [row.id, toLicense(row)]));
  return ids.map((id) => byId.get(id) ?? null);
}

export async function findLicenseInForce(db: Db<LicensingTables>, customerId: string): Promise<LicenseRow | null> {
  const row = await db.selectFrom('licenses').selectAll().where('customer_id', '=', customerId).where('superseded_at', 'is', null).where('air_gap', '=', false).executeTakeFirst();
  return row === undefined ? null : toLicense(row);
}

/** Customers whose next lease is due, longest overdue first. @param except who is left out */
export async function listCustomersToRenew(db: Db<LicensingTables>, now: Date, except: readonly string[], count: number): Promise<string[]> {
  const rows = await db.selectFrom('licenses').select('customer_id').where('renew_at', '<=', now).where('superseded_at', 'is', null).where('revoked_at', 'is', null).where('air_gap', '=', false).where(sql<boolean>`customer_id <> all(${except}::text[])`).orderBy('renew_at').limit(count).execute();
  return rows.map((row) => row.customer_id);
}

/** Puts it in force in place of the one that was; one for an instance without a network stands beside it. */
export async function replaceLicense(tx: Tx<LicensingTables>, license: Omit<LicenseRow, 'supersededAt' | 'revokedAt'>, now: Date): Promise<void> {
  if (!license.airGap) await tx.updateTable('licenses').set({ superseded_at: now }).where('customer_id', '=', license.customerId).where('superseded_at', 'is', null).where('air_gap', '=', false).execute();
  await tx
    .insertInto('licenses')
    .values({
      id: license.id,
      customer_id: license.customerId,
      version: license.version,
      plan: license.plan,
      key_id: license.keyId,
      token: license.token,
      issued_at: license.issuedAt,
      expires_at: license.expiresAt,
      unlicensed_from: license.unlicensedFrom,
      renew_at: license.renewAt,
      superseded_at: null,
      revoked_at: null,
      air_gap: license.airGap,
    })
    .execute();
}

/** Licenses for instances without a network, newest first, in the order of the customers. */
export async function listAirGapLicenses(db: Db<LicensingTables>, customerIds: readonly string[]): Promise<LicenseRow[][]> {
  const rows = await db.selectFrom('licenses').selectAll().where(sql<boolean>`customer_id = any(${customerIds})`).where('air_gap', '=', true).orderBy('issued_at', 'desc').orderBy('expires_at', 'desc').orderBy('id').execute();
  const found = rows.map(toLicense);
  return customerIds.map((id) => found.filter((license) => license.customerId === id));
}

/** Licenses in force that expire between now and then: those that are to be renewed before, and those that end with their period or trial. */
export async function countExpiring(db: Db<LicensingTables>, now: Date, until: readonly Date[]): Promise<{ renewed: number; ending: number }[]> {
  const { rows } = await sql<{ renewed: number; ending: number }>`
    select count(*) filter (where l.renew_at is not null) as renewed, count(*) filter (where l.renew_at is null and l.id is not null) as ending
    from unnest(${[...until]}::timestamptz[]) with ordinality as asked (until, place)
    left join licenses l on l.superseded_at is null and l.revoked_at is null and not l.air_gap and l.expires_at between ${now} and asked.until
    group by asked.place order by asked.place`.execute(db);
  return rows;
}

/** Renewals that should have been done before then. */
export async function countRenewalsDue(db: Db<LicensingTables>, before: Date): Promise<number> {
  const { count } = await db.selectFrom('licenses').select((select) => select.fn.countAll<number>().as('count')).where('renew_at', '<=', before).where('superseded_at', 'is', null).where('revoked_at', 'is', null).where('air_gap', '=', false).executeTakeFirstOrThrow();
  return count;
}

/** Customers whose license in force another key signed, from this id on. */
export async function listCustomersToReissue(db: Db<LicensingTables>, request: { keyId: string; after: string; count: number }): Promise<string[]> {
  const rows = await toReissue(db, request.keyId).select('customer_id').where('customer_id', '>', request.after).orderBy('customer_id').limit(request.count).execute();
  return rows.map((row) => row.customer_id);
}

export async function countLicensesToReissue(db: Db<LicensingTables>, keyId: string): Promise<number> {
  const { count } = await toReissue(db, keyId).select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  return count;
}

function toReissue(db: Db<LicensingTables>, keyId: string) {
  return db.selectFrom('licenses').where('superseded_at', 'is', null).where('revoked_at', 'is', null).where('air_gap', '=', false).where('key_id', '<>', keyId);
}
