import { newId } from '@iotistic/contracts/ids';
import { AppError } from '@iotistic/contracts/errors';
import type { CustomersApp } from '../app.ts';
import { credentialHash, newApiKeySecret, visiblePrefix } from '../domain/credential.ts';
import { type ApiKeyRow, countKeysInForce, insertApiKey, MAX_KEYS_IN_FORCE, revokeKeysOfDeployment } from '../repository/api-keys.ts';
import type { DeploymentRun } from './deployment-run.ts';
import { lockCustomerForChange } from './lock-customer-for-change.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

const NAME_ID_CHARACTERS = 6;

/** A key for the instance that is deployed. The secret goes into its cluster and nowhere else. @throws AppError TOO_MANY_API_KEYS, FencedOut */
export async function mintDeploymentKey(app: Pick<CustomersApp, 'clock'>, run: DeploymentRun, instanceName: string): Promise<{ id: string; secret: string }> {
  const { id: deploymentId, customerId } = run.deployment;
  const secret = newApiKeySecret();
  const at = app.clock.now();
  const id = newId('akey');
  // Names are taken while their key is in force: an earlier attempt's may still be.
  const name = `${instanceName} (deployed, ${id.slice(-NAME_ID_CHARACTERS)})`;
  const key: ApiKeyRow = { id, customerId, name, prefix: visiblePrefix(secret), createdAt: at, lastUsedAt: null, revokedAt: null };
  await run.change((deployment) => deployment, {}, async (tx) => {
    await lockCustomerForChange(tx, customerId);
    if ((await countKeysInForce(tx, customerId)) >= MAX_KEYS_IN_FORCE) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_API_KEYS');
    await insertApiKey(tx, key, credentialHash(secret), deploymentId);
    await writeAuditEntry(tx, { customerId, at, actor: 'deployment', action: 'api_key.created', target: id, detail: name });
  });
  return { id, secret };
}

/** Ends the keys of a deployment, but for this one, everywhere and at once. @throws FencedOut */
export async function revokeDeploymentKeys(app: Pick<CustomersApp, 'clock' | 'live'>, run: DeploymentRun, keep: string | null): Promise<void> {
  const { id, customerId } = run.deployment;
  let ended: string[] = [];
  await run.change((deployment) => deployment, {}, async (tx) => {
    const at = app.clock.now();
    ended = await revokeKeysOfDeployment(tx, id, keep, at);
    if (ended.length > 0) await writeAuditEntry(tx, { customerId, at, actor: 'deployment', action: 'api_key.revoked', target: id, detail: `${ended.length} of the deployment` });
  });
  await Promise.all(ended.map((sha256) => app.live.publish('credential', sha256)));
}
