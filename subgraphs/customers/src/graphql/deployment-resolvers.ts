import { parsePage } from '@iotistic/chassis/page';
import { isId } from '@iotistic/contracts/ids';
import { z } from 'zod';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { countDeployments, type DeploymentKey, listDeploymentPage } from '../repository/deployments.ts';
import { removeInstance } from '../service/remove-instance.ts';
import { retryDeployment } from '../service/retry-deployment.ts';
import { watchDeployments } from '../service/watch-deployments.ts';
import { findVisibleObject } from './find-visible.ts';
import { found } from './found.ts';
import type { CustomerResolvers, MutationResolvers, QueryResolvers, Resolvers } from './generated.ts';
import type { Loaders } from './loaders.ts';

const deploymentKey: z.ZodType<DeploymentKey> = z.tuple([z.iso.datetime(), z.string().refine((text) => isId('depl', text))]);

export interface DeploymentResolvers extends Pick<Resolvers, 'Deployment' | 'DeploymentConnection' | 'Subscription'> {
  queries: Pick<QueryResolvers, 'deployment' | 'deployments'>;
  mutations: Pick<MutationResolvers, 'removeInstance' | 'retryDeployment'>;
  customer: Pick<CustomerResolvers, 'deployments'>;
}

export function createDeploymentResolvers(app: CustomersApp, loaders: Loaders): DeploymentResolvers {
  return {
    queries: {
      deployments: (_source, args) => listDeploymentPage(app.db, parsePage(args, deploymentKey), { customerId: null, status: args.status ?? null }),
      deployment: (_source, { id }, { caller }) => findVisibleObject(caller, loaders.deployment.load(id)).then(found('DEPLOYMENT_NOT_FOUND')),
    },
    mutations: {
      removeInstance: async (_source, { input }, { caller }) => ({ instance: await removeInstance(app, caller, input) }),
      retryDeployment: async (_source, { input }, { caller }) => ({ deployment: await retryDeployment(app, caller, input) }),
    },
    Subscription: {
      deploymentProgressed: {
        subscribe: (_source, { customerId }, { live }) => watchDeployments(app, customerId, live?.after),
        resolve: (deployment: Deployment) => deployment,
      },
    },
    customer: {
      deployments: ({ id }, args) => listDeploymentPage(app.db, parsePage(args, deploymentKey), { customerId: id, status: args.status ?? null }),
    },
    Deployment: {
      __resolveReference: ({ id }, { caller }) => findVisibleObject(caller, loaders.deployment.load(id)),
      instance: ({ instanceId }) => loaders.instance.load(instanceId).then(found('INSTANCE_NOT_FOUND')),
      customer: ({ customerId }) => loaders.customer.load(customerId).then(found('CUSTOMER_NOT_FOUND')),
      log: async ({ id }) => (await loaders.deploymentLog.load(id)).map(({ at, line }) => `${at.toISOString()} ${line}`),
    },
    DeploymentConnection: { totalCount: ({ filter }) => countDeployments(app.db, filter) },
  };
}
