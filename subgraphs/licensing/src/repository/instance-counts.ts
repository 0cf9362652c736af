import type { GroupState } from '@iotistic/chassis/admission';
import type { Db } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { LicensingTables } from './tables.ts';

/** What a customer may have whose entitlements do not say. */
const DEFAULT_MAX_INSTANCES = 1_000;
/** More are never counted. */
const MAX_COUNTED = 1_000_000;

/** How many instances a customer has and may have, and which of these are among them. */
export async function findCustomerInstances(
  db: Db<LicensingTables>,
  asked: { customerId: string; ids: readonly string[]; arriving: readonly string[] },
): Promise<GroupState> {
  const { rows } = await sql<GroupState>`
    select
      array(select id from instances where id = any(${[...asked.ids]}::text[])) as known,
      (select count(*) from (select from instances where customer_id = ${asked.customerId} limit ${MAX_COUNTED}) i) as members,
      array(select id from instances where id = any(${[...asked.arriving]}::text[])) as stored,
      case when granted.limits ? 'maxInstances' then (granted.limits ->> 'maxInstances')::bigint
        else ${DEFAULT_MAX_INSTANCES}::bigint end as maximum
    from (select (select limits::jsonb from entitlements where customer_id = ${asked.customerId}) as limits) granted`.execute(db);
  const [state] = rows;
  if (state === undefined) throw new Error('a select of one row gave none');
  return state;
}
