import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { currentRequestId } from '@iotistic/chassis/log';
import { AppError } from '@iotistic/contracts/errors';
import type { LicensingApp } from '../app.ts';
import type { LicenseReissue } from '../repository/license-reissues.ts';
import { raiseEpoch } from '../repository/revocations.ts';
import { addSigningKeyEvent, listKeysToRetire, listSigningKeys, lockSigningKeys, saveCurrentKey, saveRetiredKey, type SigningKeyRow } from '../repository/signing-keys.ts';
import { announceSigningKey, SIGNING_KEYS_TOPIC } from './announce-signing-key.ts';
import { continueReissue, planReissue } from './reissue-licenses.ts';

type Rotating = Pick<LicensingApp, 'db' | 'clock' | 'live' | 'log' | 'keyStore' | 'signing' | 'verificationKeys' | 'work'>;

export interface Rotation {
  signingKey: SigningKeyRow;
  reissue: LicenseReissue;
}

/**
 * Makes the key that was announced last the one that signs, announces the one after it, and issues every license anew. The
 * one before verifies until nothing depends on it. In an emergency it is not believed from now on, nor is what it signed:
 * instances know the new key already, and the list of revocations names the old one.
 * @throws AppError KEYS_NOT_KEPT where this plane has no place for a private key.
 */
export async function rotateSigningKey(app: Rotating, caller: Caller, input: { emergency?: boolean }): Promise<Rotation> {
  const emergency = input.emergency === true;
  if (!app.keyStore.keeps) throw new AppError('CONFLICT', 'KEYS_NOT_KEPT');
  await announceSigningKey(app);
  const actor = actorOf(caller);
  const requestId = currentRequestId() ?? null;
  const rotation = await app.db.transaction().execute(async (tx): Promise<Rotation> => {
    await lockSigningKeys(tx);
    const now = app.clock.now();
    const keys = await listSigningKeys(tx);
    const [next, current] = [keys.find(({ status }) => status === 'ANNOUNCED'), keys.find(({ status }) => status === 'CURRENT')];
    // Somebody else rotates at this moment, and has taken the announced one.
    if (next === undefined || current === undefined) throw new AppError('UNAVAILABLE', 'BUSY');
    await saveCurrentKey(tx, next.id, now);
    await addSigningKeyEvent(tx, { at: now, action: 'CURRENT', keyId: next.id, actor, requestId });
    if (emergency) {
      await saveRetiredKey(tx, current.id, now, { compromised: true });
      await raiseEpoch(tx, 1);
      await addSigningKeyEvent(tx, { at: now, action: 'COMPROMISED', keyId: current.id, actor, requestId });
    }
    const reissue = await planReissue(tx, { keyId: next.id, actor, reason: emergency ? `signing key ${current.id} is compromised` : 'signing key rotated' }, now);
    return { signingKey: { ...next, status: 'CURRENT', currentSince: now }, reissue };
  });
  await Promise.all([app.signing.refresh(), app.verificationKeys.reread()]);
  await app.live.publish(SIGNING_KEYS_TOPIC, rotation.signingKey.id);
  app.log.warn({ keyId: rotation.signingKey.id, emergency, actor }, 'licenses are signed with another key');
  await continueReissue(app, rotation.reissue.id);
  await announceSigningKey(app);
  return rotation;
}

/** What is due with the keys: the next one announced, those that nothing depends on retired. */
export async function tendSigningKeys(app: Rotating): Promise<void> {
  await announceSigningKey(app);
  const retired = await app.db.transaction().execute(async (tx) => {
    await lockSigningKeys(tx);
    const now = app.clock.now();
    const ids = await listKeysToRetire(tx, now);
    for (const id of ids) {
      await saveRetiredKey(tx, id, now, { compromised: false });
      await addSigningKeyEvent(tx, { at: now, action: 'RETIRED', keyId: id, actor: 'licensing', requestId: null });
    }
    return ids;
  });
  if (retired.length > 0) await app.verificationKeys.reread();
  for (const id of retired) await app.live.publish(SIGNING_KEYS_TOPIC, id);
}
