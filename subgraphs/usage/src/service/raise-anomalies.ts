import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import { insertAnomalies, type NewAnomaly } from '../repository/anomalies.ts';
import type { UsageTables } from '../repository/tables.ts';

/** Raises what is not open already, each with its event: billing writes the mails, and those who watch hear of it. */
export async function raiseAnomalies(tx: Tx<UsageTables>, anomalies: readonly NewAnomaly[], now: Date): Promise<void> {
  for (const { id: anomalyId, customerId, kind, instanceName, meter, detail } of await insertAnomalies(tx, anomalies, now)) {
    await publish(tx, 'usage', 'usage.anomaly_raised', { anomalyId, customerId, kind, instanceName, meter, detail, at: now.toISOString() }, now);
  }
}
