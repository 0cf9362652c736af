import { apolloFederation } from '../peers/apollo-federation/contestant.ts';
import { planeProcesses } from '../plane-processes.ts';
import type { Question } from '../question.ts';
import { askThroughput, type Comparison, type Line } from '../report-usage/throughput.ts';

const ONE = { api: 'graphql', reportsPerCall: 1, intervalMinutes: 1 } as const;
const THOUSAND = { api: 'graphql', reportsPerCall: 1000, intervalMinutes: 60 } as const;

const LINES: readonly Line[] = [
  { key: 'processes-1', name: 'ours, five processes, 1 per call, 128 connections', contestant: planeProcesses, sending: ONE, connections: 128, storedIn: 'usage.usage_reports' },
  { key: 'apollo-1', name: 'Apollo federation, five processes, 1 per call, 128 connections', contestant: apolloFederation, sending: ONE, connections: 128, storedIn: 'usage_reports' },
  { key: 'processes-1000', name: 'ours, five processes, 1000 per call, 8 connections', contestant: planeProcesses, sending: THOUSAND, connections: 8, storedIn: 'usage.usage_reports' },
];

const COMPARISONS: readonly Comparison[] = [
  { name: 'one report per call', of: 'processes-1', over: 'apollo-1', aim: 3 },
  { name: '1000 reports: one call of ours, 1000 calls of theirs', of: 'processes-1000', over: 'apollo-1', aim: 20 },
];

/** Reports per second through gateway and subgraphs as processes that speak HTTP, beside the usual stack in as many processes. */
export const reportUsageProcesses: Question = { name: 'report-usage-processes', ask: (options) => askThroughput(LINES, COMPARISONS, options) };
