import type { Tx } from '@iotistic/chassis/database';
import { RESTORE_STRIDE } from '@iotistic/chassis/restores';
import { raiseRevisions } from '../repository/measured-periods.ts';
import type { UsageTables } from '../repository/tables.ts';

/** What Stripe was told under a revision stays under it for good: each that comes now is one that it never saw. */
export async function goOnAfterRestore(tx: Tx<UsageTables>): Promise<void> {
  await raiseRevisions(tx, RESTORE_STRIDE);
}
