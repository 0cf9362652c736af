import type { Tx } from '@iotistic/chassis/database';
import { AppError } from '@iotistic/contracts/errors';
import type { CustomersApp } from '../app.ts';
import { credentialHash, newDeviceToken } from '../domain/credential.ts';
import type { Customer } from '../domain/customer.ts';
import { findEmail, formsOfEmail } from '../domain/email.ts';
import {
  addressMark,
  MAX_FAILURES_OF_A_PLACE,
  MAX_FAILURES_OF_STRANGERS,
  retryAfterSeconds,
  windowStart,
} from '../domain/login-throttle.ts';
import { isPassword } from '../domain/password.ts';
import { lockCustomerShared } from '../repository/customers.ts';
import { findKnownMarks, rememberMarks } from '../repository/known-devices.ts';
import {
  clearLoginFailures,
  insertLoginFailure,
  listFailuresOfPlace,
  listFailuresOfStrangers,
  type LoginPlace,
  pruneLoginFailures,
} from '../repository/login-failures.ts';
import type { CustomersTables } from '../repository/tables.ts';
import { findLogin, replacePasswordHash } from '../repository/users.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'passwords'>;

/** Devices and addresses that an account remembers: the latest. */
const KEPT_MARKS = 40;
const KEPT_FOR_MS = 180 * 86_400_000;
const DEVICE_TOKEN = /^iotd_[A-Za-z0-9_-]{43}$/;

export interface LogInInput {
  email: string;
  password: string;
  /** As an earlier log-in on this device answered. */
  deviceToken?: string | null | undefined;
}

export interface LoggedIn {
  customer: Customer;
  session: OpenedSession;
  deviceToken: string;
}

/**
 * Opens a session for a user who knows the password. An address without an account and a wrong password are the same
 * answer after the same work. After ten failures in a quarter of an hour a device or address has to wait; strangers
 * together have a hundred, and never close the account to a device or address from which it was entered before.
 * @param clientAddress where the attempt comes from, as the gateway sees it.
 * @throws AppError INVALID_LOGIN, TOO_MANY_LOGIN_ATTEMPTS, CUSTOMER_DEACTIVATED, RATE_LIMITED
 */
export async function logIn(app: App, input: LogInInput, clientAddress: string | null): Promise<LoggedIn> {
  const email = findEmail(input.email);
  if (email === null || !isPassword(input.password)) throw new AppError('UNAUTHENTICATED', 'INVALID_LOGIN');
  const accountSha256 = credentialHash(email);
  const deviceToken = DEVICE_TOKEN.test(input.deviceToken ?? '') ? (input.deviceToken ?? null) : null;
  const place = await findPlace(app, accountSha256, deviceToken, clientAddress);
  const login = await findLogin(app.db, formsOfEmail(input.email));
  let isOutdated = false;
  const known = await app.passwords.verify({
    hash: login?.passwordHash ?? null,
    password: input.password,
    // Asked and counted in its turn: of a thousand attempts at once, no more slip through than are hashed at once.
    admit: () => refuseWhenThrottled(app, place),
    mismatch: () => recordFailure(app, place),
    outdated: () => (isOutdated = true),
  });
  if (!known || login === undefined) throw new AppError('UNAUTHENTICATED', 'INVALID_LOGIN');
  if (isOutdated) await renewHash(app, login, input.password);
  return enter(app, place, login, { deviceToken: deviceToken ?? newDeviceToken(), clientAddress });
}

/** Remembers a device and its address, in the transaction that lets its user in. */
export async function rememberDevice(
  tx: Tx<CustomersTables>,
  accountSha256: string,
  device: { deviceToken: string; clientAddress: string | null },
  at: Date,
): Promise<void> {
  const marks = [credentialHash(device.deviceToken), addressMark(device.clientAddress)];
  const forgetBefore = new Date(at.getTime() - KEPT_FOR_MS);
  await rememberMarks(tx, accountSha256, marks, { at, keep: KEPT_MARKS, forgetBefore });
}

/** A known device counts as itself wherever it is; any other attempt counts by its address. */
async function findPlace(
  app: App,
  accountSha256: string,
  deviceToken: string | null,
  clientAddress: string | null,
): Promise<LoginPlace> {
  const device = deviceToken === null ? null : credentialHash(deviceToken);
  const address = addressMark(clientAddress);
  const known = await findKnownMarks(app.db, accountSha256, device === null ? [address] : [device, address]);
  if (device !== null && known.has(device)) return { accountSha256, markSha256: device, isStranger: false };
  return { accountSha256, markSha256: address, isStranger: !known.has(address) };
}

/** A hash of a form that is not typed on every keyboard: from now on the one of the normal form. */
async function renewHash(app: App, { userId, passwordHash }: { userId: string; passwordHash: string }, password: string): Promise<void> {
  const renewed = await app.passwords.hash(password);
  await app.db.transaction().execute((tx) => replacePasswordHash(tx, userId, passwordHash, renewed));
}

async function refuseWhenThrottled(app: App, place: LoginPlace): Promise<void> {
  const now = app.clock.now();
  const since = windowStart(now);
  const own = await listFailuresOfPlace(app.db, place, since, MAX_FAILURES_OF_A_PLACE);
  let wait = retryAfterSeconds(own, MAX_FAILURES_OF_A_PLACE, now);
  if (wait === null && place.isStranger) {
    const all = await listFailuresOfStrangers(app.db, place.accountSha256, since, MAX_FAILURES_OF_STRANGERS);
    wait = retryAfterSeconds(all, MAX_FAILURES_OF_STRANGERS, now);
  }
  if (wait === null) return;
  throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_LOGIN_ATTEMPTS', undefined, { details: { retryAfterSeconds: wait } });
}

async function recordFailure(app: App, place: LoginPlace): Promise<void> {
  const now = app.clock.now();
  await app.db.transaction().execute(async (tx) => {
    await insertLoginFailure(tx, place, now);
    await pruneLoginFailures(tx, windowStart(now));
  });
}

function enter(
  app: App,
  place: LoginPlace,
  login: { userId: string; customerId: string },
  device: { deviceToken: string; clientAddress: string | null },
): Promise<LoggedIn> {
  return app.db.transaction().execute(async (tx) => {
    const customer = await lockCustomerShared(tx, login.customerId);
    if (customer?.status !== 'ACTIVE') throw new AppError('UNAUTHENTICATED', 'CUSTOMER_DEACTIVATED');
    const at = app.clock.now();
    await clearLoginFailures(tx, place);
    await rememberDevice(tx, place.accountSha256, device, at);
    const session = await openSession(tx, app, login);
    await writeAuditEntry(tx, { customerId: customer.id, at, actor: `user:${login.userId}`, action: 'session.opened', target: session.id });
    return { customer, session, deviceToken: device.deviceToken };
  });
}
