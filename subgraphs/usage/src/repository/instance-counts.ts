import type { GroupState } from '@iotistic/chassis/admission';
import type { Db } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { UsageTables } from './tables.ts';

/** More are never counted. */
const MAX_COUNTED = 1_000_000;

/** How many instances a customer has and may have, and which of these are among them. */
export async function findCustomerInstances(
  db: Db<UsageTables>,
  asked: { customerId: string; ids: readonly string[]; arriving: readonly string[] },
): Promise<GroupState> {
  const { rows } = await sql<{ known: string[]; members: number; stored: string[]; maximum: number | null; isGranted: boolean }>`
    select
      array(select id from instances where id = any(${[...asked.ids]}::text[])) as known,
      (select count(*) from (select from instances where customer_id = ${asked.customerId} limit ${MAX_COUNTED}) i) as members,
      array(select id from instances where id = any(${[...asked.arriving]}::text[])) as stored,
      (select max_instances from subscription_periods where customer_id = ${asked.customerId}) as maximum,
      exists (select from subscription_periods where customer_id = ${asked.customerId}) as "isGranted"`.execute(db);
  const [state] = rows;
  if (state === undefined) throw new Error('a select without a from gave no row');
  return { ...state, maximum: state.isGranted ? state.maximum : DEFAULT_MAX_INSTANCES };
}

/** What a customer may have of whom billing has said nothing yet. */
export const DEFAULT_MAX_INSTANCES = 1_000;
