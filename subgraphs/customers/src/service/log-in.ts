import { AppError } from '@iotistic/contracts/errors';
import type { CustomersApp } from '../app.ts';
import { credentialHash } from '../domain/credential.ts';
import type { Customer } from '../domain/customer.ts';
import { findEmail, formsOfEmail } from '../domain/email.ts';
import { MAX_LOGIN_FAILURES, retryAfterSeconds, windowStart } from '../domain/login-throttle.ts';
import { isPassword } from '../domain/password.ts';
import { lockCustomerShared } from '../repository/customers.ts';
import { clearLoginFailures, insertLoginFailure, listLoginFailures, pruneLoginFailures } from '../repository/login-failures.ts';
import { findLogin, replacePasswordHash } from '../repository/users.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'passwords'>;

/**
 * Opens a session for who knows the password. An address without an account and a wrong password are the same answer
 * after the same work; ten failures in a quarter of an hour close the account to further attempts for the rest of it.
 * @throws AppError INVALID_LOGIN, TOO_MANY_LOGIN_ATTEMPTS, CUSTOMER_DEACTIVATED, RATE_LIMITED
 */
export async function logIn(app: App, input: { email: string; password: string }): Promise<{ customer: Customer; session: OpenedSession }> {
  const email = findEmail(input.email);
  if (email === null || !isPassword(input.password)) throw new AppError('UNAUTHENTICATED', 'INVALID_LOGIN');
  const account = credentialHash(email);
  const login = await findLogin(app.db, formsOfEmail(input.email));
  let isOutdated = false;
  const known = await app.passwords.verify({
    hash: login?.passwordHash ?? null,
    password: input.password,
    // Asked and counted in its turn: of a thousand attempts at once, no more slip through than are hashed at once.
    admit: () => refuseWhenThrottled(app, account),
    mismatch: () => recordFailure(app, account),
    outdated: () => (isOutdated = true),
  });
  if (!known || login === undefined) throw new AppError('UNAUTHENTICATED', 'INVALID_LOGIN');
  if (isOutdated) await renewHash(app, login, input.password);
  return enter(app, account, login);
}

/** A hash of a form that is not typed on every keyboard: from now on the one of the normal form. */
async function renewHash(app: App, { userId, passwordHash }: { userId: string; passwordHash: string }, password: string): Promise<void> {
  const renewed = await app.passwords.hash(password);
  await app.db.transaction().execute((tx) => replacePasswordHash(tx, userId, passwordHash, renewed));
}

async function refuseWhenThrottled(app: App, account: string): Promise<void> {
  const now = app.clock.now();
  const wait = retryAfterSeconds(await listLoginFailures(app.db, account, windowStart(now), MAX_LOGIN_FAILURES), now);
  if (wait !== null) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_LOGIN_ATTEMPTS', undefined, { details: { retryAfterSeconds: wait } });
}

async function recordFailure(app: App, account: string): Promise<void> {
  const now = app.clock.now();
  await app.db.transaction().execute(async (tx) => {
    await insertLoginFailure(tx, account, now);
    await pruneLoginFailures(tx, windowStart(now));
  });
}

function enter(app: App, account: string, login: { userId: string; customerId: string }): Promise<{ customer: Customer; session: OpenedSession }> {
  return app.db.transaction().execute(async (tx) => {
    const customer = await lockCustomerShared(tx, login.customerId);
    if (customer?.status !== 'ACTIVE') throw new AppError('UNAUTHENTICATED', 'CUSTOMER_DEACTIVATED');
    await clearLoginFailures(tx, account);
    const session = await openSession(tx, app, login);
    await writeAuditEntry(tx, { customerId: customer.id, at: app.clock.now(), actor: `user:${login.userId}`, action: 'session.opened', target: session.id });
    return { customer, session };
  });
}
