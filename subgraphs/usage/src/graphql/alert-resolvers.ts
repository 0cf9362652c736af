import type { UsageApp } from '../app.ts';
import type { AlertRow } from '../repository/alerts.ts';
import type { AnomalyRow } from '../repository/anomalies.ts';
import { listUsageAlerts } from '../service/list-usage-alerts.ts';
import { listUsageAnomalies } from '../service/list-usage-anomalies.ts';
import { watchAlerts } from '../service/watch-alerts.ts';
import { watchAnomalies } from '../service/watch-anomalies.ts';
import type { CustomerResolvers, QueryResolvers, Resolvers, SubscriptionResolvers } from './generated.ts';

interface Doors extends Required<Pick<Resolvers, 'UsageAlert' | 'UsageAnomaly'>> {
  Query: Pick<QueryResolvers, 'usageAnomalies'>;
  Subscription: Pick<SubscriptionResolvers, 'usageAlertRaised' | 'usageAnomalyRaised'>;
  Customer: Pick<CustomerResolvers, 'usageAlerts' | 'usageAnomalies'>;
}

export function alertResolvers(app: UsageApp): Doors {
  return {
    Query: {
      usageAnomalies: (_root, args) => listUsageAnomalies(app, null, args),
    },
    Subscription: {
      usageAlertRaised: {
        subscribe: (_root, { customerId }, { live }) => watchAlerts(app, customerId, live?.after),
        resolve: (alert: AlertRow) => alert,
      },
      usageAnomalyRaised: {
        subscribe: (_root, { customerId }, { live }) => watchAnomalies(app, customerId, live?.after),
        resolve: (anomaly: AnomalyRow) => anomaly,
      },
    },
    Customer: {
      usageAlerts: ({ id }, page) => listUsageAlerts(app, id, page),
      usageAnomalies: ({ id }, args) => listUsageAnomalies(app, id, args),
    },
    UsageAlert: {
      customer: ({ customerId: id }) => ({ id }),
    },
    UsageAnomaly: {
      customer: ({ customerId: id }) => ({ id }),
      instance: ({ instanceId: id, instanceName: name, customerId }) => (id === null || name === null ? null : { id, customerId, name }),
    },
  };
}
