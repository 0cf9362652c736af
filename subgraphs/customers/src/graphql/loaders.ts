import { isId, type IdPrefix } from '@iotistic/contracts/ids';
import DataLoader from 'dataloader';
import type { CustomersApp } from '../app.ts';
import type { CredentialAnswer } from '../domain/credential-state.ts';
import type { Customer } from '../domain/customer.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Page, PageRequest } from '@iotistic/chassis/page';
import { type ApiKeyRow, listApiKeysOf } from '../repository/api-keys.ts';
import { type AuditKey, type AuditRow, listAuditPages } from '../repository/audit-log.ts';
import { byCustomer } from '../repository/by-customer.ts';
import { findCustomers } from '../repository/customers.ts';
import { type LogLine, listLogLines } from '../repository/deployment-log.ts';
import { findDeployments, findNewestDeployments } from '../repository/deployments.ts';
import { countInstancesOf, findInstances, type InstanceKey, type InstancePage, type InstanceRow, listInstancePages } from '../repository/instances.ts';
import { findUsers, listUsersOf, type UserRow } from '../repository/users.ts';
import { findCredentials } from '../service/find-credentials.ts';

/** One page of a customer's list. */
interface PageOf<K> extends PageRequest<K> {
  customerId: string;
}

/**
 * Reads of the same kind share a statement, also across concurrent requests: who may see a key is decided before it gets
 * here. Nothing is cached.
 */
export interface Loaders {
  customer: DataLoader<string, Customer | null>;
  user: DataLoader<string, UserRow | null>;
  instance: DataLoader<string, InstanceRow | null>;
  deployment: DataLoader<string, Deployment | null>;
  /** By the instance's id. */
  newestDeployment: DataLoader<string, Deployment | null>;
  deploymentLog: DataLoader<string, LogLine[]>;
  credential: DataLoader<string, CredentialAnswer>;
  usersOf: DataLoader<string, UserRow[]>;
  apiKeysOf: DataLoader<string, ApiKeyRow[]>;
  instancePage: DataLoader<PageOf<InstanceKey>, InstancePage>;
  instanceCount: DataLoader<string, number>;
  auditPage: DataLoader<PageOf<AuditKey>, Page<AuditRow>>;
}

const MAX_BATCH = 500;

export function createLoaders(app: CustomersApp): Loaders {
  const { db } = app;
  return {
    customer: loader((ids) => findEach('cust', ids, (known) => findCustomers(db, known))),
    user: loader((ids) => findEach('user', ids, (known) => findUsers(db, known))),
    instance: loader((ids) => findEach('inst', ids, (known) => findInstances(db, known))),
    deployment: loader((ids) => findEach('depl', ids, (known) => findDeployments(db, known))),
    newestDeployment: loader(async (ids) => {
      const newest = new Map((await findNewestDeployments(db, [...new Set(ids)])).map((row) => [row.instanceId, row]));
      return ids.map((id) => newest.get(id) ?? null);
    }),
    deploymentLog: loader(async (ids) => {
      const known = [...new Set(ids)];
      const lines = new Map((await listLogLines(db, known)).map((log, index) => [known[index], log]));
      return ids.map((id) => lines.get(id) ?? []);
    }),
    credential: loader((hashes) => findCredentials(app, hashes)),
    usersOf: loader((ids) => listEach(ids, (known) => listUsersOf(db, known))),
    apiKeysOf: loader((ids) => listEach(ids, (known) => listApiKeysOf(db, known))),
    instancePage: loader((pages) => readPages(pages, (ids, page) => listInstancePages(db, ids, page))),
    instanceCount: loader((ids) => countInstancesOf(db, ids)),
    auditPage: loader((pages) => readPages(pages, (ids, page) => listAuditPages(db, ids, page))),
  };
}

function loader<K, V>(read: (keys: readonly K[]) => Promise<V[]>): DataLoader<K, V> {
  return new DataLoader<K, V>(read, { cache: false, maxBatchSize: MAX_BATCH, batchScheduleFn: (callback) => setImmediate(callback) });
}

/** Ids may come from a client: what has not the form of one is nobody's. */
async function findEach<R extends { id: string }>(prefix: IdPrefix, ids: readonly string[], find: (ids: string[]) => Promise<R[]>): Promise<(R | null)[]> {
  const known = [...new Set(ids)].filter((id) => isId(prefix, id));
  const rows = new Map((known.length === 0 ? [] : await find(known)).map((row) => [row.id, row]));
  return ids.map((id) => rows.get(id) ?? null);
}

async function listEach<R extends { customerId: string }>(ids: readonly string[], list: (ids: string[]) => Promise<R[]>): Promise<R[][]> {
  const groups = byCustomer(await list([...new Set(ids)]));
  return ids.map((id) => groups.get(id) ?? []);
}

/** One statement for all customers of whom the same page is asked, so one for a list of customers. */
async function readPages<K, V>(pages: readonly PageOf<K>[], read: (customerIds: string[], page: PageRequest<K>) => Promise<V[]>): Promise<V[]> {
  const answers = new Map<PageOf<K>, V>();
  const alike = new Map<string, PageOf<K>[]>();
  for (const page of pages) {
    const key = JSON.stringify([page.first, page.after]);
    alike.set(key, [...(alike.get(key) ?? []), page]);
  }
  await Promise.all(
    [...alike.values()].map(async (group) => {
      const [{ first, after } = { first: 1, after: null }] = group;
      const ids = [...new Set(group.map((page) => page.customerId))];
      const values = new Map((await read(ids, { first, after })).map((value, index) => [ids[index], value]));
      for (const page of group) answers.set(page, values.get(page.customerId) as V);
    }),
  );
  return pages.map((page) => answers.get(page) as V);
}
