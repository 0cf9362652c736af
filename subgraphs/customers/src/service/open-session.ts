import type { Tx } from '@iotistic/chassis/database';
import { newId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import { credentialHash, newSessionToken } from '../domain/credential.ts';
import { insertSession, pruneSessions } from '../repository/sessions.ts';
import type { CustomersTables } from '../repository/tables.ts';

/** What is told of a session once, and never again. */
export interface OpenedSession {
  id: string;
  userId: string;
  token: string;
  expiresAt: Date;
}

const DAY_MS = 86_400_000;
/** Sessions stay so long after their end, that their token is told apart from one that never was. */
const KEPT_AFTER_EXPIRY_MS = 30 * DAY_MS;

/** Opens a session in the transaction of who signs up or logs in. */
export async function openSession(tx: Tx<CustomersTables>, app: Pick<CustomersApp, 'clock' | 'config'>, user: { userId: string; customerId: string }): Promise<OpenedSession> {
  const createdAt = app.clock.now();
  const opened = { id: newId('sess'), userId: user.userId, token: newSessionToken(), expiresAt: new Date(createdAt.getTime() + app.config.SESSION_TTL_DAYS * DAY_MS) };
  await pruneSessions(tx, user.userId, new Date(createdAt.getTime() - KEPT_AFTER_EXPIRY_MS));
  await insertSession(tx, { ...user, id: opened.id, tokenSha256: credentialHash(opened.token), createdAt, expiresAt: opened.expiresAt });
  return opened;
}
