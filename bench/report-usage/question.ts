import { bareInsert } from '../peers/bare-insert/contestant.ts';
import { expressRest, expressRestPrepared } from '../peers/express-rest/contestant.ts';
import { plane } from '../plane.ts';
import type { Question } from '../question.ts';
import { askThroughput, type Comparison, type Line } from './throughput.ts';

/** An instance that reports every minute. */
const ONE = { reportsPerCall: 1, intervalMinutes: 1 };
/** The spool of one that was offline, with the default hour between reports. */
const THOUSAND = { reportsPerCall: 1000, intervalMinutes: 60 };
const OURS = { contestant: plane, storedIn: 'usage.usage_reports' };
/** Nothing but the database: into the same tables, in as many rows a statement, over as many connections. */
const FLOOR = { contestant: bareInsert, sending: { api: 'insert', ...THOUSAND }, connections: 8, storedIn: 'usage.usage_reports' } as const;

const LINES: readonly Line[] = [
  { key: 'plane-1', name: 'ours, 1 per call, 128 connections', ...OURS, sending: { api: 'graphql', ...ONE }, connections: 128 },
  { key: 'express-1', name: 'Express + pg, 1 per call, 128 connections', contestant: expressRest, sending: { api: 'rest', ...ONE }, connections: 128, storedIn: 'usage_reports' },
  { key: 'express-1-prepared', name: 'Express + pg with a prepared insert, 1 per call, 128 connections', contestant: expressRestPrepared, sending: { api: 'rest', ...ONE }, connections: 128, storedIn: 'usage_reports' },
  { key: 'plane-1000', name: 'ours, 1000 per call, 8 connections', ...OURS, sending: { api: 'graphql', ...THOUSAND }, connections: 8 },
  { key: 'insert-1000', name: 'bare insert of reports and keys, 1000 per statement, 8 connections', ...FLOOR, generator: 'bench/peers/bare-insert/reports-and-keys.ts' },
  { key: 'insert-1000-alone', name: 'bare insert of reports alone, 1000 per statement, 8 connections', ...FLOOR, generator: 'bench/peers/bare-insert/reports-alone.ts' },
  { key: 'express-1000', name: 'Express + pg with a bulk route, 1000 per call, 8 connections', contestant: expressRest, sending: { api: 'rest-bulk', ...THOUSAND }, connections: 8, storedIn: 'usage_reports' },
];

const COMPARISONS: readonly Comparison[] = [
  { name: 'one report per call', of: 'plane-1', over: 'express-1', aim: 2.5 },
  { name: 'one report per call, their insert prepared', of: 'plane-1', over: 'express-1-prepared' },
  { name: '1000 per call, of a bare insert of the same reports and keys', of: 'plane-1000', over: 'insert-1000', aim: 0.5 },
  { name: '1000 per call, of a bare insert of the reports alone', of: 'plane-1000', over: 'insert-1000-alone' },
  { name: '1000 reports: one call of ours, 1000 requests of theirs', of: 'plane-1000', over: 'express-1' },
  { name: '1000 reports: one call each, theirs with a bulk route', of: 'plane-1000', over: 'express-1000' },
];

/** Reports per second through the whole plane, beside a plain REST service that inserts a row per request, and beside the database alone. */
export const reportUsage: Question = { name: 'report-usage', ask: (options) => askThroughput(LINES, COMPARISONS, options) };
