import { EventEmitter, on } from 'node:events';
import { buildSchema, GraphQLError, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { createLoaders, insertReport, type Loaders, type Report, type ReportInput } from './storage.ts';
import type pg from 'pg';

/** The part of our public schema that the benchmark touches, field by field the same. */
const TYPE_DEFS = `
  scalar DateTime
  scalar SafeInt
  type Query { ok: Boolean! }
  type Mutation { reportUsage(input: ReportUsageInput!): ReportUsagePayload! }
  type Subscription { usageReported(customerId: ID!): UsageReport! }
  type UsageReport { id: ID! activeDevices: SafeInt! totalDevices: SafeInt! instance: Instance customer: Customer }
  type Instance { id: ID! name: String! }
  type Customer { id: ID! companyName: String subscription: CustomerSubscription license: License }
  type CustomerSubscription { id: ID! plan: Plan! }
  type Plan { key: ID! name: String! }
  type License { id: ID! expiresAt: DateTime! }
  type ReportUsagePayload { accepted: Int! late: Int! duplicates: Int! rejected: [RejectedReport!]! }
  type RejectedReport { reportId: ID! reason: String! message: String! }
  input ReportUsageInput { instance: String! reports: [UsageReportInput!]! }
  input UsageReportInput { reportId: ID! intervalStart: DateTime! intervalEnd: DateTime! activeDevices: SafeInt! totalDevices: SafeInt! }
`;

export interface Context {
  customerId: string;
  loaders: Loaders;
}

/** What every tutorial shows: resolvers, a pub/sub, DataLoaders. */
export function createSchema(pool: pg.Pool): GraphQLSchema {
  const schema = buildSchema(TYPE_DEFS);
  const pubSub = new EventEmitter().setMaxListeners(0);
  attach(schema, 'Mutation', {
    reportUsage: async (_source, { input }: { input: { instance: string; reports: ReportInput[] } }, context) => {
      for (const report of input.reports) pubSub.emit(context.customerId, await insertReport(pool, context.customerId, input.instance, report));
      return { accepted: input.reports.length, late: 0, duplicates: 0, rejected: [] };
    },
  });
  attach(schema, 'Subscription', {
    usageReported: (report: Report, _input: object, context) => {
      // Else a subscription would see the rows of its first event for as long as it lives.
      context.loaders = createLoaders(pool);
      return report;
    },
  });
  const live = fieldsOf(schema, 'Subscription')['usageReported'];
  if (live !== undefined) live.subscribe = (_source, { customerId }: { customerId: string }, context: Context) => listen(pubSub, customerId, context);
  attach(schema, 'UsageReport', {
    instance: (report: Report, _input: object, { loaders }) => loaders.instance.load(report.instanceId),
    customer: (report: Report, _input: object, { loaders }) => loaders.customer.load(report.customerId),
  });
  attach(schema, 'Customer', {
    subscription: (customer: { id: string }, _input: object, { loaders }) => loaders.subscription.load(customer.id),
    license: (customer: { id: string }, _input: object, { loaders }) => loaders.license.load(customer.id),
  });
  return schema;
}

async function* listen(pubSub: EventEmitter, customerId: string, context: Context): AsyncGenerator<Report> {
  if (customerId !== context.customerId) throw new GraphQLError('Not your customer');
  for await (const [report] of on(pubSub, customerId) as AsyncIterable<[Report]>) yield report;
}

function fieldsOf(schema: GraphQLSchema, type: string): ReturnType<GraphQLObjectType<unknown, Context>['getFields']> {
  return (schema.getType(type) as GraphQLObjectType<unknown, Context>).getFields();
}

type Resolver = (source: never, input: never, context: Context) => unknown;

function attach(schema: GraphQLSchema, type: string, resolvers: Record<string, Resolver>): void {
  for (const [name, resolve] of Object.entries(resolvers)) {
    const field = fieldsOf(schema, type)[name];
    if (field === undefined) throw new Error(`${type} has no field ${name}`);
    field.resolve = (source, input, context) => resolve(source as never, input as never, context);
  }
}
