import type { Tx } from '@iotistic/chassis/database';
import { RESTORE_STRIDE } from '@iotistic/chassis/restores';
import { raiseEpoch } from '../repository/revocations.ts';
import type { LicensingTables } from '../repository/tables.ts';

/** Instances may hold a list of revocations that is newer than ours: the one that they are given next is newer still. Licenses follow from billing, whose versions rise. */
export async function goOnAfterRestore(tx: Tx<LicensingTables>): Promise<void> {
  await raiseEpoch(tx, RESTORE_STRIDE);
}
