import type { Context } from '../context.ts';
import { CliListStripeFindingsDocument } from '../generated.ts';
import { listAll, moreThan } from '../pages.ts';
import { formatInstant, formatTable, printable } from '../printable.ts';

/** What others made at Stripe with our customers, and what the plane leaves alone; the newest first. */
export async function listFindings(context: Context, { limit }: { limit: number }): Promise<void> {
  const plane = context.plane();
  const listed = await listAll(limit, async (page) => (await plane.ask(CliListStripeFindingsDocument, page)).stripeFindings);
  context.answer({ findings: listed.nodes, hasMore: listed.hasMore }, () => {
    if (listed.nodes.length === 0) return 'Nothing at Stripe was made by others.';
    const rows = listed.nodes.map(({ customerId, kind, objectId, detail, foundAt }) => [formatInstant(foundAt), customerId, kind, printable(objectId), printable(detail)]);
    return `${formatTable(['Found', 'Customer', 'Kind', 'At Stripe', 'Detail'], rows)}${moreThan(listed)}`;
  });
}
