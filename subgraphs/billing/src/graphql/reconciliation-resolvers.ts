import { parsePage } from '@iotistic/chassis/page';
import { z } from 'zod';
import type { BillingApp } from '../app.ts';
import { listDifferingPage, type ReconciliationKey } from '../repository/reconciliations.ts';
import { type FindingKey, listFindingPage } from '../repository/stripe-findings.ts';
import { reconcileUsage } from '../service/reconcile-usage.ts';
import { repairMetering } from '../service/repair-metering.ts';
import type { Resolvers } from './generated.ts';

const findingKey: z.ZodType<FindingKey> = z.tuple([z.iso.datetime(), z.string(), z.string(), z.string()]);
const reconciliationKey: z.ZodType<ReconciliationKey> = z.tuple([z.iso.datetime(), z.string(), z.iso.datetime()]);

export function reconciliationResolvers(app: BillingApp): { queries: Pick<NonNullable<Resolvers['Query']>, 'reconciliation' | 'reconciliationDifferences' | 'stripeFindings'>; mutations: Pick<NonNullable<Resolvers['Mutation']>, 'repairMetering'> } {
  return {
    queries: {
      reconciliation: (_source, { customerId }) => reconcileUsage(app, customerId),
      reconciliationDifferences: (_source, args) => listDifferingPage(app.db, parsePage(args, reconciliationKey)),
      stripeFindings: (_source, args) => listFindingPage(app.db, parsePage(args, findingKey)),
    },
    mutations: {
      repairMetering: (_source, { input }, { caller }) => repairMetering(app, caller, input.customerId),
    },
  };
}
