import { z } from 'zod';
import { isInstanceName } from '../domain/name.ts';
import { parsePage } from '@iotistic/chassis/page';
import { findVisibleCustomer, findVisibleObject } from './find-visible.ts';
import { found } from './found.ts';
import type { Resolvers } from './generated.ts';
import type { Loaders } from './loaders.ts';

const instanceKey = z.tuple([z.string().refine(isInstanceName)]);
const auditKey = z.tuple([z.int().positive()]);

/** What other subgraphs lead to: a customer, an instance, and what hangs on them. */
export function createEntityResolvers(loaders: Loaders): Pick<Resolvers, 'Customer' | 'Instance' | 'InstanceConnection'> {
  return {
    Customer: {
      __resolveReference: ({ id }, { caller }) => findVisibleCustomer(caller, id, (visible) => loaders.customer.load(visible)),
      users: ({ id }) => loaders.usersOf.load(id),
      apiKeys: ({ id }) => loaders.apiKeysOf.load(id),
      instances: ({ id }, args) => loaders.instancePage.load({ customerId: id, ...parsePage(args, instanceKey) }),
      auditLog: ({ id }, args) => loaders.auditPage.load({ customerId: id, ...parsePage(args, auditKey) }),
    },
    Instance: {
      // One that usage or licensing heard of a moment ago may still be on its way to us: null until it is here.
      __resolveReference: ({ id }, { caller }) => findVisibleObject(caller, loaders.instance.load(id)),
      customer: ({ customerId }) => loaders.customer.load(customerId).then(found('CUSTOMER_NOT_FOUND')),
      deployment: ({ id }) => loaders.newestDeployment.load(id),
    },
    InstanceConnection: { totalCount: ({ customerId }) => loaders.instanceCount.load(customerId) },
  };
}
