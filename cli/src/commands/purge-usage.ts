import { confirmed, type ChangeOptions, type Context } from '../context.ts';
import { CliPurgeUsageReportsDocument } from '../generated.ts';

/** Says what would go before it asks: the plane counts it, and keeps what a bill needs as evidence. */
export async function purgeUsage(context: Context, { olderThanDays, yes, dryRun }: { olderThanDays: number } & ChangeOptions): Promise<void> {
  const plane = context.plane();
  const ask = async (isDry: boolean) => (await context.during(isDry ? 'Counting reports' : 'Deleting reports', null, () => plane.ask(CliPurgeUsageReportsDocument, { input: { olderThanDays, dryRun: isDry } }))).purgeUsageReports;
  const planned = await ask(true);
  const kept = `${planned.kept} of that age are kept as evidence of bills.`;
  if (dryRun === true || planned.deleted === 0) return context.answer(planned, () => `Would delete ${planned.deleted} report(s) older than ${olderThanDays} days, and keep a digest of each day. ${kept}`);
  await confirmed(context, `Delete ${planned.deleted} report(s) older than ${olderThanDays} days, and keep a digest of each day? ${kept}`, yes);
  const done = await ask(false);
  context.answer(done, () => `${context.colors.green(`✔ ${done.deleted} report(s) deleted`)}; a digest of each day stays, and ${done.kept} report(s) of that age.`);
}
