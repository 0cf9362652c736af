import { AppError } from '@iotistic/contracts/errors';
import type { UsageApp } from '../app.ts';
import { decodeReportCursor, encodeReportCursor } from '../domain/cursor.ts';
import type { ReportListQuery, ReportRow } from '../repository/reports.ts';
import { getInstanceFilter } from './find-instance.ts';

export interface UsageReportFilter {
  first?: number | null | undefined;
  after?: string | null | undefined;
  instance?: string | null | undefined;
  from?: Date | null | undefined;
  to?: Date | null | undefined;
}

export interface UsageReportPage {
  edges: { cursor: string; node: ReportRow }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  totalCount(): Promise<number>;
}

const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;
const END_OF_TIME_MS = Date.UTC(9999, 0);

/**
 * A customer's reports, newest interval first, of which the interval's end lies in the range: `from` on, before `to`. Pages
 * hang on the last report shown, so that new reports shift nothing.
 * @throws AppError INVALID_INPUT: INVALID_PAGE_SIZE, INVALID_RANGE, INVALID_CURSOR. NOT_FOUND INSTANCE_NOT_FOUND.
 */
export async function listUsageReports(app: Pick<UsageApp, 'loaders'>, customerId: string, filter: UsageReportFilter): Promise<UsageReportPage> {
  const first = filter.first ?? DEFAULT_PAGE;
  if (first < 1 || first > MAX_PAGE) throw new AppError('INVALID_INPUT', 'INVALID_PAGE_SIZE');
  const fromMs = filter.from?.getTime() ?? 0;
  const toMs = filter.to?.getTime() ?? END_OF_TIME_MS;
  if (!(fromMs < toMs)) throw new AppError('INVALID_INPUT', 'INVALID_RANGE');
  const after = filter.after === null || filter.after === undefined ? null : decodeReportCursor(filter.after);
  const instanceId = await getInstanceFilter(app, customerId, filter.instance);
  // One more than is shown tells whether there is a next page.
  const query: ReportListQuery = { customerId, instanceId, fromMs, toMs, after, limit: first + 1 };
  return toPage(app, query, await app.loaders.reportPage.load(query), first);
}

function toPage(app: Pick<UsageApp, 'loaders'>, query: ReportListQuery, rows: readonly ReportRow[], first: number): UsageReportPage {
  const edges = rows.slice(0, first).map((node) => ({ cursor: encodeReportCursor(node.id), node }));
  return {
    edges,
    pageInfo: { hasNextPage: rows.length > first, hasPreviousPage: query.after !== null, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: () => app.loaders.reportCount.load(query),
  };
}
