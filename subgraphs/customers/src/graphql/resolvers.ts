import type { CustomersApp } from '../app.ts';
import { VERSION } from '@iotistic/contracts/version';
import { viewerOf } from '../domain/viewer.ts';
import { countCustomers } from '../repository/customers.ts';
import { createApiKey } from '../service/create-api-key.ts';
import { createCustomer } from '../service/create-customer.ts';
import { createInstance } from '../service/create-instance.ts';
import { deactivateCustomer } from '../service/deactivate-customer.ts';
import { listCustomers } from '../service/list-customers.ts';
import { logIn } from '../service/log-in.ts';
import { logOut } from '../service/log-out.ts';
import { readQueueStats } from '../service/read-queue-stats.ts';
import { revokeApiKey } from '../service/revoke-api-key.ts';
import { signUp } from '../service/sign-up.ts';
import { updateCustomer } from '../service/update-customer.ts';
import { enter } from './enter.ts';
import { createEntityResolvers } from './entity-resolvers.ts';
import { createDeploymentResolvers } from './deployment-resolvers.ts';
import { found } from './found.ts';
import type { Resolvers } from './generated.ts';
import { createLoaders } from './loaders.ts';

export function createResolvers(app: CustomersApp): Resolvers {
  const loaders = createLoaders(app);
  const { queries, mutations, customer, ...deployments } = createDeploymentResolvers(app, loaders);
  const entities = createEntityResolvers(loaders);
  return {
    Query: {
      viewer: (_source, _args, { caller }) => viewerOf(caller),
      customer: (_source, { id }) => loaders.customer.load(id).then(found('CUSTOMER_NOT_FOUND')),
      customers: (_source, args) => listCustomers(app, args),
      credential: (_source, { sha256 }) => loaders.credential.load(sha256),
      ...queries,
      queueStats: () => readQueueStats(app),
      plane: () => ({ now: app.clock.now(), version: VERSION }),
    },
    Mutation: {
      signUp: async (_source, { input }, context) => enter(context, await signUp(app, input, context.clientAddress ?? null)),
      logIn: async (_source, { input }, context) => enter(context, await logIn(app, input, context.clientAddress ?? null)),
      logOut: (_source, _args, { caller }) => logOut(app, caller),
      createCustomer: async (_source, { input }, { caller }) => ({ customer: await createCustomer(app, caller, input) }),
      updateCustomer: async (_source, { input }, { caller }) => ({ customer: await updateCustomer(app, caller, input) }),
      deactivateCustomer: async (_source, { input }, { caller }) => ({ customer: await deactivateCustomer(app, caller, input) }),
      createApiKey: (_source, { input }, { caller }) => createApiKey(app, caller, input),
      revokeApiKey: async (_source, { input }, { caller }) => ({ apiKey: await revokeApiKey(app, caller, input) }),
      createInstance: async (_source, { input }, { caller }) => ({ instance: await createInstance(app, caller, input) }),
      ...mutations,
    },
    Viewer: { __resolveType: (viewer) => viewer.__typename },
    UserViewer: {
      user: ({ userId }) => loaders.user.load(userId).then(found('OBJECT_NOT_FOUND')),
      customer: ({ customerId }) => loaders.customer.load(customerId).then(found('CUSTOMER_NOT_FOUND')),
    },
    InstanceViewer: {
      customer: ({ customerId }) => loaders.customer.load(customerId).then(found('CUSTOMER_NOT_FOUND')),
    },
    CustomerConnection: { totalCount: ({ search }) => countCustomers(app.db, search) },
    ...deployments,
    ...entities,
    Customer: { ...entities.Customer, ...customer },
  };
}
