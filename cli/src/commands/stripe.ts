import type { Command } from 'commander';
import { CliError, EXIT, type ExitCode } from '../cli-error.ts';
import type { ChangeOptions, Context, Run } from '../context.ts';
import { CliListReconciliationDifferencesDocument, CliReconcileCustomerDocument, type CliReconciliationFragment, CliRepairMeteringDocument, CliSyncCatalogueDocument } from '../generated.ts';
import { limitOption, listAll, moreThan } from '../pages.ts';
import { formatInstant, formatTable, printable } from '../printable.ts';
import { listFindings } from './list-findings.ts';

export function stripeCommands(program: Command, run: Run): void {
  const stripe = program.command('stripe').description('what Stripe sells and counts for us');
  stripe.command('sync').description('make Stripe sell what the catalogue says: meters, products, prices, portal; a second time changes nothing').option('--dry-run', 'only say what would be done').action(run(syncCatalogue));
  stripe
    .command('reconcile')
    .description('compare what was reported with what Stripe counts; exit code 1 where Stripe does not have it')
    .option('--customer <id>', 'one customer, read now; without it all whose last reading differs')
    .option('--repair', 'tell Stripe anew what it provably lacks (with --customer)')
    .option('--dry-run', 'with --repair: only compare')
    .option(...limitOption)
    .action(run(reconcile));
  stripe
    .command('findings')
    .description('what others made at Stripe with our customers, and what the plane leaves alone, newest first')
    .option(...limitOption)
    .action(run(listFindings));
}

async function syncCatalogue(context: Context, { dryRun = false }: ChangeOptions): Promise<void> {
  const { changes } = (await context.during('Asking Stripe', null, () => context.plane().ask(CliSyncCatalogueDocument, { input: { dryRun } }))).syncCatalogue;
  const changed = changes.filter(({ action }) => action !== 'KEPT');
  context.answer({ dryRun, changes }, () => {
    const rows = changes.map(({ kind, key, action }) => [action.toLowerCase(), kind.toLowerCase(), key]);
    const summary = changed.length === 0 ? 'Stripe has all of the catalogue: nothing is to be done.' : `${changed.length} of ${changes.length} ${dryRun ? 'would be' : 'were'} created, replaced or updated.`;
    return `${formatTable(['Action', 'Kind', 'Key'], rows)}\n${summary}`;
  });
}

interface ReconcileOptions extends ChangeOptions {
  customer?: string;
  repair?: boolean;
  limit: number;
}

async function reconcile(context: Context, options: ReconcileOptions): Promise<ExitCode> {
  const { customer, repair, dryRun, limit } = options;
  if (customer === undefined && repair === true) throw new CliError(EXIT.usage, '--repair needs --customer.');
  if (customer === undefined) return showDifferences(context, limit);
  const plane = context.plane();
  if (repair === true && dryRun !== true) {
    const { reconciliation, repaired } = (await context.during('Telling Stripe what it lacks', null, () => plane.ask(CliRepairMeteringDocument, { input: { customerId: customer } }))).repairMetering;
    context.answer({ reconciliation, repaired }, () => `${repaired.length === 0 ? 'Nothing was to be repaired.' : `Told anew: ${repaired.join(', ')}.`}\n\n${describe(reconciliation)}`);
    return endOf([reconciliation]);
  }
  const { reconciliation } = await plane.ask(CliReconcileCustomerDocument, { customerId: customer });
  context.answer({ reconciliation }, () => describe(reconciliation));
  return endOf([reconciliation]);
}

async function showDifferences(context: Context, limit: number): Promise<ExitCode> {
  const plane = context.plane();
  const listed = await listAll(limit, async (page) => (await plane.ask(CliListReconciliationDifferencesDocument, page)).reconciliationDifferences);
  context.answer({ differences: listed.nodes, hasMore: listed.hasMore }, () => (listed.nodes.length === 0 ? 'Stripe has what was reported, of every customer.' : `${listed.nodes.map(describe).join('\n\n')}${moreThan(listed)}`));
  return endOf(listed.nodes);
}

/** What is on its way needs nobody. */
function endOf(reconciliations: readonly CliReconciliationFragment[]): ExitCode {
  return reconciliations.some(({ meters }) => meters.some(({ cause }) => cause !== null && cause !== 'WAITING' && cause !== 'NOT_AT_STRIPE')) ? EXIT.failure : EXIT.ok;
}

function describe({ customerId, periodStart, balanced, differsSince, meters }: CliReconciliationFragment): string {
  const rows = meters.map(({ meter, reported, sent, pending, stripe, cause }) => [meter, String(reported), String(sent), String(pending), String(stripe), cause ?? '-']);
  const since = balanced ? 'balanced' : `differs since ${formatInstant(differsSince)}`;
  const why = meters.flatMap(({ meter, explanation }) => (explanation === null ? [] : [`  ${meter}: ${printable(explanation)}`]));
  return [`${customerId}, period from ${formatInstant(periodStart)}: ${since}`, formatTable(['Meter', 'Reported', 'Sent', 'Pending', 'Stripe', 'Cause'], rows, { right: [1, 2, 3, 4] }), ...why].join('\n');
}
