import type { Db, Tx } from '@iotistic/chassis/database';
import { type Selectable, sql } from 'kysely';
import type { InstancesTable, LicensingTables } from './tables.ts';

export interface InstanceRow {
  id: string;
  customerId: string;
  name: string;
  activatedAt: Date | null;
  lastSeenAt: Date | null;
  licenseId: string | null;
  agentVersion: string | null;
  /** When two agents of this name were last seen side by side. */
  duplicateSeenAt: Date | null;
  health: InstanceHealth | null;
}

/** How an agent says that it is. */
export interface InstanceHealth {
  /** Its machine's clock minus the time that it goes by, seconds. */
  clockSkewSeconds: number;
  spooledReports: number;
  /** Words in capitals, as docs/agent-protocol.md lists them. */
  problems: string[];
}

/** An instance that was given a license. */
export type ActivationRow = InstanceRow & { activatedAt: Date; lastSeenAt: Date; licenseId: string };

/** One fetch, as it is recorded. */
export interface Sighting {
  instanceId: string;
  customerId: string;
  name: string;
  /** Null when it was given none. */
  licenseId: string | null;
  agentVersion: string | null;
  /** Of the agent's process. */
  runId: string | null;
  health: InstanceHealth | null;
  at: Date;
}

/** Longest list of activations; a customer with more instances has other worries. */
const MAX_ACTIVATIONS = 1_000;

function toInstance(row: Selectable<InstancesTable>): InstanceRow {
  return { id: row.id, customerId: row.customer_id, name: row.name, activatedAt: row.activated_at, lastSeenAt: row.last_seen_at, licenseId: row.license_id, agentVersion: row.agent_version, duplicateSeenAt: row.duplicate_seen_at, health: row.health as InstanceHealth | null };
}

function isActivation(instance: InstanceRow): instance is ActivationRow {
  return instance.activatedAt !== null && instance.lastSeenAt !== null && instance.licenseId !== null;
}

/** The activation of an instance; null when it was never given a license. */
export function activationOf(instance: InstanceRow): ActivationRow | null {
  return isActivation(instance) ? instance : null;
}

/** In the order of the ids; null for one that is not known. */
export async function listInstances(db: Db<LicensingTables>, ids: readonly string[]): Promise<(InstanceRow | null)[]> {
  const rows = await db.selectFrom('instances').selectAll().where(sql<boolean>`id = any(${ids})`).execute();
  const byId = new Map(rows.map((row) => [row.id, toInstance(row)]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Oldest first, in the order of the customers. */
export async function listActivations(db: Db<LicensingTables>, customerIds: readonly string[]): Promise<ActivationRow[][]> {
  const { rows } = await sql<Selectable<InstancesTable>>`
    select i.* from unnest(${[...new Set(customerIds)]}::text[]) as asked (id)
    cross join lateral (select * from instances where customer_id = asked.id and license_id is not null order by activated_at, id limit ${MAX_ACTIVATIONS}) i`.execute(db);
  const found = rows.map(toInstance).filter(isActivation);
  return customerIds.map((id) => found.filter((activation) => activation.customerId === id));
}

/** Remembers instances that were not known. */
export async function addInstances(tx: Tx<LicensingTables>, instances: readonly { instanceId: string; customerId: string; name: string }[]): Promise<void> {
  if (instances.length === 0) return;
  const rows = instances.map(({ instanceId, customerId, name }) => ({ id: instanceId, customer_id: customerId, name, activated_at: null, last_seen_at: null, license_id: null, agent_version: null, run_id: null, duplicate_seen_at: null, health: null }));
  await tx
    .insertInto('instances')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Locked in the order of their ids, so that two who record the same instances wait for one another and do not block. */
export async function lockInstances(tx: Tx<LicensingTables>, ids: readonly string[]): Promise<void> {
  await sql`select from instances where id = any(${ids}) order by id for update`.execute(tx);
}

/** Answers those that were never seen before: of several who ask at once, one is told. */
export async function activateInstances(tx: Tx<LicensingTables>, sightings: readonly Sighting[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    update instances set activated_at = s.at
    from unnest(${sightings.map(({ instanceId }) => instanceId)}::text[], ${sightings.map(({ at }) => at)}::timestamptz[]) as s (id, at)
    where instances.id = s.id and instances.activated_at is null
    returning instances.id`.execute(tx);
  return new Set(rows.map((row) => row.id));
}

/**
 * Notes what each was given, when, and how it says that it is; what an instance was given stays when it was given nothing
 * new. A process that was replaced by another and comes again is not the only one of its name: that is noted too, and
 * those instances are answered.
 */
export async function saveSightings(tx: Tx<LicensingTables>, sightings: readonly Sighting[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string | null }>`
    update instances
    set last_seen_at = greatest(instances.last_seen_at, s.at),
      license_id = coalesce(s.license_id, instances.license_id),
      agent_version = coalesce(s.agent_version, instances.agent_version),
      health = coalesce(s.health::json, instances.health),
      duplicate_seen_at = case when s.run_id = any(instances.earlier_run_ids) and s.run_id <> instances.run_id then s.at else instances.duplicate_seen_at end,
      earlier_run_ids = case when s.run_id <> instances.run_id then (array_remove(instances.earlier_run_ids, s.run_id) || instances.run_id)[greatest(1, cardinality(array_remove(instances.earlier_run_ids, s.run_id)) - 6):] else instances.earlier_run_ids end,
      run_id = coalesce(s.run_id, instances.run_id)
    from unnest(${sightings.map(({ instanceId }) => instanceId)}::text[], ${sightings.map(({ licenseId }) => licenseId)}::text[], ${sightings.map(({ agentVersion }) => agentVersion)}::text[],
      ${sightings.map(({ runId }) => runId)}::text[], ${sightings.map(({ health }) => (health === null ? null : JSON.stringify(health)))}::text[], ${sightings.map(({ at }) => at)}::timestamptz[])
      as s (id, license_id, agent_version, run_id, health, at)
    where instances.id = s.id
    returning case when instances.duplicate_seen_at = s.at then instances.id end as id`.execute(tx);
  return new Set(rows.flatMap(({ id }) => id ?? []));
}
