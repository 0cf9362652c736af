import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import { credentialHash, newDeviceToken } from '../domain/credential.ts';
import { type Customer, toCustomerEvent } from '../domain/customer.ts';
import type { Deployment } from '../domain/deployment.ts';
import { parseDeployedName } from '../domain/deployment-target.ts';
import { formsOfEmail, parseEmail } from '../domain/email.ts';
import { parseOptionalName } from '../domain/name.ts';
import { parsePassword } from '../domain/password.ts';
import { insertCustomer, isEmailTaken } from '../repository/customers.ts';
import type { CustomersTables } from '../repository/tables.ts';
import { insertUser } from '../repository/users.ts';
import { registerInstance } from './create-instance.ts';
import { emailTakenOr } from './email-taken.ts';
import { type LoggedIn, rememberDevice } from './log-in.ts';
import { openSession } from './open-session.ts';
import { insertQueuedDeployment, refuseWithoutCluster, sendDeployment } from './queue-deployment.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

export interface SignUpInput {
  email: string;
  password: string;
  companyName?: string | null | undefined;
  fullName?: string | null | undefined;
  /** The name of an instance to deploy at once. */
  deployInstance?: string | null | undefined;
}

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'passwords' | 'cluster' | 'work' | 'live' | 'log'>;

/**
 * Account, first user and session come into being together, with the event that starts the trial and, where an
 * instance is asked for, its deployment. Of many who sign up with one address at once, one is let in.
 * @throws AppError INVALID_EMAIL, INVALID_PASSWORD, INVALID_NAME, EMAIL_TAKEN, RATE_LIMITED, HELM_NOT_CONFIGURED
 */
export async function signUp(app: App, input: SignUpInput, clientAddress: string | null): Promise<LoggedIn> {
  const email = parseEmail(input.email);
  const password = parsePassword(input.password);
  const [companyName, fullName] = [parseOptionalName(input.companyName), parseOptionalName(input.fullName)];
  const name = input.deployInstance === null || input.deployInstance === undefined ? null : parseDeployedName(input.deployInstance);
  if (name !== null) refuseWithoutCluster(app);
  // The index decides; asking first spares the hash.
  if (await isEmailTaken(app.db, formsOfEmail(input.email))) throw new AppError('CONFLICT', 'EMAIL_TAKEN');
  const passwordHash = await app.passwords.hash(password);

  const at = app.clock.now();
  const customer: Customer = { id: newId('cust'), email, companyName, fullName, status: 'ACTIVE', createdAt: at, updatedAt: at };
  const userId = newId('user');
  const deviceToken = newDeviceToken();
  const { deployment, ...account } = await app.db
    .transaction()
    .execute(async (tx) => {
      await insertCustomer(tx, customer);
      await insertUser(tx, { id: userId, customerId: customer.id, email, fullName, createdAt: at }, passwordHash);
      const session = await openSession(tx, app, { userId, customerId: customer.id });
      await rememberDevice(tx, credentialHash(email), { deviceToken, clientAddress }, at);
      await writeAuditEntry(tx, { customerId: customer.id, at, actor: `user:${userId}`, action: 'customer.signed_up', target: customer.id });
      await publish(tx, 'customers', 'customer.signed_up', toCustomerEvent(customer), at);
      return { customer, session, deviceToken, deployment: name === null ? null : await deployFirst(tx, app, { customerId: customer.id, name, actor: `user:${userId}` }) };
    })
    .catch(emailTakenOr);
  if (deployment !== null) await sendDeployment(app, deployment);
  return account;
}

async function deployFirst(tx: Tx<CustomersTables>, app: App, asked: { customerId: string; name: string; actor: string }): Promise<Deployment> {
  const instance = await registerInstance(tx, app, { ...asked, mayBeRemoved: false });
  return insertQueuedDeployment(tx, app, instance, asked.actor);
}
