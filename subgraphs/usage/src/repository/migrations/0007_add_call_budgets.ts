import { createCallBudgetTable } from '@iotistic/chassis/call-budgets';
import { type Kysely, sql } from 'kysely';

export const m0007 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createCallBudgetTable(db);
    // Instances that the customer may have; null is unlimited. What was granted before this column had the default.
    await sql`alter table subscription_periods add column max_instances bigint default 1000`.execute(db);
  },
};
