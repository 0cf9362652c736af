import type { Context } from '../context.ts';
import { CliListUsageAnomaliesDocument } from '../generated.ts';
import { listAll, moreThan } from '../pages.ts';
import { formatInstant, formatTable } from '../printable.ts';

/** What looks wrong in what instances report, newest first: silence, two agents under one name, usage far above what is usual. */
export async function listAnomalies(context: Context, { all = false, limit }: { all?: boolean; limit: number }): Promise<void> {
  const plane = context.plane();
  const listed = await listAll(limit, async (page) => (await plane.askWhatIsKnown(CliListUsageAnomaliesDocument, { ...page, open: all ? null : true })).usageAnomalies);
  context.answer({ anomalies: listed.nodes, hasMore: listed.hasMore }, () => {
    if (listed.nodes.length === 0) return all ? 'There was no anomaly.' : 'No anomaly is open.';
    const rows = listed.nodes.map(({ kind, meter, detail, raisedAt, resolvedAt, customer, instance }) => [formatInstant(raisedAt), customer?.companyName ?? customer?.email ?? '-', instance?.name ?? '-', meter === null ? kind : `${kind} ${meter}`, resolvedAt === null ? 'open' : `until ${formatInstant(resolvedAt)}`, detail]);
    return `${formatTable(['Raised', 'Customer', 'Instance', 'Kind', 'State', 'Detail'], rows)}${moreThan(listed)}`;
  });
}
