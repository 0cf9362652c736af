import { createHash } from 'node:crypto';
import { GraphQLError, type GraphQLFieldResolver } from 'graphql';
import type pg from 'pg';
import { insertReport } from '../express-rest/usage-reports.ts';

export interface Context {
  /** Whose key came along; null without a good one. */
  customerId: string | null;
}

interface ReportInput {
  reportId: string;
  intervalEnd: string;
  activeDevices: number;
  totalDevices: number;
  mqttMessagesPublished: number;
  mqttMessagesReceived: number;
  mqttBytesSent: number;
  mqttBytesReceived: number;
  httpRequests: number;
  httpBytesSent: number;
  httpBytesReceived: number;
  storageBytes: number;
  storageRows: number;
}

type Resolvers = Record<string, Record<string, GraphQLFieldResolver<unknown, unknown, { input: { instance: string; reports: ReportInput[] } }>>>;

const MEGABYTE = 2 ** 20;

/** The design documents' table behind our mutation: a row and a commit per report, and nothing besides. */
export function usageResolvers(pool: pg.Pool): Resolvers {
  return {
    Mutation: {
      reportUsage: async (_source, { input }, context) => {
        const { customerId } = context as Context;
        if (customerId === null) throw new GraphQLError('Invalid API key', { extensions: { code: 'UNAUTHENTICATED' } });
        for (const report of input.reports) await insertReport(pool, rowOf(customerId, input.instance, report), undefined);
        const receipt = createHash('sha256').update(input.reports.map(({ reportId }) => `${reportId}\n`).join('')).digest('hex');
        return { accepted: input.reports.length, late: 0, duplicates: 0, rejected: [], receipt };
      },
    },
  };
}

function rowOf(customerId: string, instance: string, report: ReportInput): Parameters<typeof insertReport>[1] {
  return {
    customer_id: customerId,
    instance_id: instance,
    timestamp: report.intervalEnd,
    active_devices: report.activeDevices,
    total_devices: report.totalDevices,
    mqtt_messages_published: report.mqttMessagesPublished,
    mqtt_messages_received: report.mqttMessagesReceived,
    mqtt_bytes_sent: report.mqttBytesSent,
    mqtt_bytes_received: report.mqttBytesReceived,
    http_requests: report.httpRequests,
    http_bytes_sent: report.httpBytesSent,
    http_bytes_received: report.httpBytesReceived,
    postgres_size_mb: report.storageBytes / MEGABYTE,
    postgres_row_count: report.storageRows,
  };
}
