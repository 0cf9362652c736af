import type { Tx } from '@iotistic/chassis/database';
import { currentRequestId } from '@iotistic/chassis/log';
import { publish } from '@iotistic/chassis/outbox';
import { newId } from '@iotistic/contracts/ids';
import type { BillingTables } from '../repository/tables.ts';

/** Who did what: told to customers, who keep the log, in the transaction that does it. */
export async function writeAudit(tx: Tx<BillingTables>, entry: { customerId: string; actor: string; action: string; target: string; detail?: string | null }, now: Date): Promise<void> {
  const { detail = null, ...rest } = entry;
  await publish(tx, 'billing', 'billing.audited', { ...rest, id: newId('audt'), detail, requestId: currentRequestId() ?? newId('req'), at: now.toISOString() }, now);
}
