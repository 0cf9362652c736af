import { type AccessTable, adminOnly, inherit, instanceOnly, members, tenant } from '@iotistic/chassis/access';
import type { MutationImportUsageFileArgs, SubscriptionUsageReportedArgs } from './generated.ts';
import type { CustomerReference, InstanceReference } from './context.ts';

const ofCustomer = (customer: CustomerReference): string => customer.id;
const ofInstance = (instance: InstanceReference): string => instance.customerId;

/** An instance reports, and reads its own customer's latest state; lists and history are for people. */
export const access: AccessTable = {
  'Query.fleetUsage': adminOnly,
  'Mutation.reportUsage': instanceOnly,
  'Mutation.importUsageFile': members((_source: unknown, args: MutationImportUsageFileArgs) => args.input.customerId),
  'Mutation.forgetInstanceKey': adminOnly,
  'Mutation.adjustUsage': adminOnly,
  'Mutation.purgeUsageReports': adminOnly,
  'Subscription.usageReported': members((_source: unknown, args: SubscriptionUsageReportedArgs) => args.customerId),
  Customer: tenant(ofCustomer),
  'Customer.usageReports': members(ofCustomer),
  'Customer.usageSeries': members(ofCustomer),
  'Customer.usageCsv': members(ofCustomer),
  'Customer.meteredPeriod': members(ofCustomer),
  'Customer.usageAdjustments': members(ofCustomer),
  'Customer.intake': members(ofCustomer),
  MeteredPeriod: members((period: { customerId: string }) => period.customerId),
  UsageAdjustment: inherit,
  UsageAdjustmentConnection: inherit,
  UsageAdjustmentEdge: inherit,
  AdjustUsagePayload: inherit,
  Instance: tenant(ofInstance),
  UsageReport: inherit,
  UsageReportConnection: inherit,
  UsageReportEdge: inherit,
  PageInfo: inherit,
  Intake: inherit,
  UsagePoint: inherit,
  SequenceGap: inherit,
  FleetUsage: inherit,
  FleetUsageConnection: inherit,
  FleetUsageEdge: inherit,
  UsageSummary: inherit,
  MeterUsage: inherit,
  ReportUsagePayload: inherit,
  RejectedReport: inherit,
  UsageFileAnswer: inherit,
  ForgetInstanceKeyPayload: inherit,
  PurgeUsageReportsPayload: inherit,
};
