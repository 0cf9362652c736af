import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { CustomersApp } from '../app.ts';
import { endSession } from '../repository/sessions.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

/** Ends the session that the request carries, everywhere and at once. That it had ended before changes nothing. @throws AppError USER_ONLY */
export async function logOut(app: Pick<CustomersApp, 'db' | 'clock' | 'live'>, caller: Caller): Promise<true> {
  if (caller.kind !== 'user') throw new AppError('FORBIDDEN', 'USER_ONLY');
  const at = app.clock.now();
  const tokenSha256 = await app.db.transaction().execute(async (tx) => {
    const ended = await endSession(tx, caller.sessionId, at);
    if (ended !== undefined) await writeAuditEntry(tx, { customerId: caller.customerId, at, actor: actorOf(caller), action: 'session.ended', target: caller.sessionId });
    return ended;
  });
  if (tokenSha256 !== undefined) await app.live.publish('credential', tokenSha256);
  return true;
}
