import type { Tx } from '@iotistic/chassis/database';
import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import type { LicensingApp } from '../app.ts';
import { parseReason } from '../domain/reason.ts';
import { leaseAt } from '../domain/lease.ts';
import { findEntitlement, isDeactivated, lockCustomer } from '../repository/entitlements.ts';
import { addReissue, findReissue, type LicenseReissue, listUnfinishedReissues, saveReissueProgress } from '../repository/license-reissues.ts';
import { countLicensesToReissue, findLicenseInForce, listCustomersToReissue } from '../repository/licenses.ts';
import type { LicensingTables } from '../repository/tables.ts';
import { storeLicense, tellLicenseChanged } from './store-license.ts';

type Reissuing = Pick<LicensingApp, 'db' | 'clock' | 'live' | 'log' | 'signing' | 'work'>;

const BATCH = 50;
/** A job makes room for others, and goes on in the next. */
const BATCHES_PER_JOB = 40;

/** Issues every license in force anew that another key signed. @throws AppError INVALID_TEXT */
export async function reissueLicenses(app: Reissuing, caller: Caller, input: { reason: string }): Promise<LicenseReissue> {
  const [reason, actor] = [parseReason(input.reason), actorOf(caller)];
  const reissue = await app.db.transaction().execute(async (tx) => planReissue(tx, { keyId: (await app.signing.holdCurrent(tx)).keyId, actor, reason }, app.clock.now()));
  await continueReissue(app, reissue.id);
  return reissue;
}

/** Writes down that all is to be issued anew. */
export async function planReissue(tx: Tx<LicensingTables>, cause: { keyId: string; actor: string; reason: string }, now: Date): Promise<LicenseReissue> {
  const total = await countLicensesToReissue(tx, cause.keyId);
  const reissue = { id: newId('job'), actor: cause.actor, reason: cause.reason, total, remaining: total, startedAt: now };
  await addReissue(tx, reissue);
  return { ...reissue, afterCustomerId: '', finishedAt: null };
}

/** Hands the work out: should that fail, the schedule does. */
export async function continueReissue(app: Pick<Reissuing, 'work' | 'log'>, id: string): Promise<void> {
  await app.work.add('reissue-licenses', newId('job'), { id }).catch((err: unknown) => app.log.warn({ err, id }, 'the re-issue is continued by the schedule'));
}

export async function continueReissues(app: Reissuing): Promise<void> {
  for (const id of await listUnfinishedReissues(app.db)) await continueReissue(app, id);
}

/** Goes on where the last job stopped; done twice at once it issues each license once. */
export async function runReissue(app: Reissuing, id: string): Promise<void> {
  for (let batch = 0; batch < BATCHES_PER_JOB; batch += 1) {
    const reissue = await findReissue(app.db, id);
    if (reissue === null || reissue.finishedAt !== null || !(await reissueBatch(app, reissue))) return;
  }
  await continueReissue(app, id);
}

/** Answers whether there is more. */
async function reissueBatch(app: Reissuing, reissue: LicenseReissue): Promise<boolean> {
  await app.signing.refresh();
  const { keyId } = app.signing.current();
  const customerIds = await listCustomersToReissue(app.db, { keyId, after: reissue.afterCustomerId, count: BATCH });
  for (const customerId of customerIds) {
    // It has its license, and the next lease is signed with the key in force then: others do not wait for it.
    await reissueLicense(app, customerId, reissue).catch((err: unknown) => app.log.error({ err, customerId }, 'a license could not be issued again'));
  }
  const last = customerIds.at(-1);
  await app.db.transaction().execute(async (tx) => {
    const remaining = await countLicensesToReissue(tx, keyId);
    await saveReissueProgress(tx, reissue.id, { remaining, afterCustomerId: last ?? reissue.afterCustomerId, finishedAt: last === undefined ? app.clock.now() : null });
  });
  return last !== undefined;
}

function latest(a: Date, b: Date): Date {
  return a > b ? a : b;
}

async function reissueLicense(app: Reissuing, customerId: string, cause: { actor: string; reason: string }): Promise<void> {
  const issued = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const [entitlement, inForce, deactivated] = [await findEntitlement(tx, customerId), await findLicenseInForce(tx, customerId), await isDeactivated(tx, customerId)];
    if (entitlement === null || inForce === null || deactivated || entitlement.revokedAt !== null) return null;
    if (inForce.keyId === (await app.signing.holdCurrent(tx)).keyId) return null;
    // Instances refuse what began earlier than what they hold, though a clock that is behind says so.
    const lease = leaseAt(entitlement, latest(app.clock.now(), inForce.issuedAt));
    return storeLicense(app, tx, { entitlement, lease, cause: { action: 'RENEWED', actor: cause.actor, reason: cause.reason } });
  });
  await tellLicenseChanged(app, issued);
}
