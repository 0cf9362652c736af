import type { UsageApp } from '../app.ts';
import type { ReportRow } from '../repository/reports.ts';

/** The report with the latest interval of a customer's instances. null before the first, and after retention took it. */
export async function findLatestUsage(app: Pick<UsageApp, 'loaders'>, customerId: string): Promise<ReportRow | null> {
  const id = await app.loaders.latestReportId.load(customerId);
  return id === null ? null : app.loaders.report.load(id);
}

/** The same of one instance. */
export async function findLatestUsageOfInstance(app: Pick<UsageApp, 'loaders'>, instanceId: string): Promise<ReportRow | null> {
  const instance = await app.loaders.instance.load(instanceId);
  const id = instance?.latestReportId ?? null;
  return id === null ? null : app.loaders.report.load(id);
}
