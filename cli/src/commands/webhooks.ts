import { type Command, Option } from 'commander';
import { CliError, EXIT, type ExitCode } from '../cli-error.ts';
import { confirmed, type ChangeOptions, type Context, type Run } from '../context.ts';
import { CliListWebhookEventsDocument, CliReplayWebhookEventDocument, type WebhookEventStatus } from '../generated.ts';
import { limitOption, type Listed, listAll, moreThan } from '../pages.ts';
import { formatInstant, formatTable } from '../printable.ts';

const STATUSES = ['received', 'handled', 'ignored', 'failed'] as const;

export function webhookCommands(program: Command, run: Run): void {
  const webhooks = program.command('webhooks').description("Stripe's events as they were received");
  webhooks.command('list').description('list events, newest first').addOption(new Option('--status <status>', 'only these').choices(STATUSES)).option(...limitOption).action(run(listWebhooks));
  webhooks
    .command('replay')
    .description('handle stored events once more; a second time changes nothing')
    .argument('[event]', 'its id')
    .option('--failed', 'all that failed, instead of one')
    .option(...limitOption)
    .option('--yes', 'do not ask before replaying all that failed')
    .option('--dry-run', 'only say what would be done')
    .action(run(replayWebhooks));
}

type WebhookEvent = Awaited<ReturnType<typeof readEvents>>['nodes'][number];

function readEvents(context: Context, limit: number, status: WebhookEventStatus | null): Promise<Listed<{ readonly id: string; readonly type: string; readonly status: WebhookEventStatus; readonly attempts: number; readonly error: string | null; readonly customerId: string | null; readonly receivedAt: string; readonly handledAt: string | null }>> {
  const plane = context.plane();
  return listAll(limit, async (page) => (await plane.ask(CliListWebhookEventsDocument, { ...page, status })).webhookEvents);
}

function tableOf(events: readonly WebhookEvent[]): string {
  return formatTable(['ID', 'Type', 'Status', 'Attempts', 'Received', 'Customer', 'Error'], events.map(({ id, type, status, attempts, receivedAt, customerId, error }) => [id, type, status, String(attempts), formatInstant(receivedAt), customerId ?? '-', error ?? '-']), { right: [3] });
}

async function listWebhooks(context: Context, { status, limit }: { status?: (typeof STATUSES)[number]; limit: number }): Promise<void> {
  const listed = await readEvents(context, limit, status === undefined ? null : (status.toUpperCase() as WebhookEventStatus));
  context.answer({ webhookEvents: listed.nodes, hasMore: listed.hasMore }, () => `${tableOf(listed.nodes)}${moreThan(listed)}`);
}

async function replayWebhooks(context: Context, { failed, limit, dryRun, yes }: { failed?: boolean; limit: number } & ChangeOptions, id?: string): Promise<ExitCode> {
  if ((id === undefined) === (failed !== true)) throw new CliError(EXIT.usage, 'Give the id of an event, or --failed for all that failed.');
  const events = id === undefined ? (await readEvents(context, limit, 'FAILED')).nodes : null;
  const ids = events?.map((event) => event.id) ?? [id ?? ''];
  if (dryRun === true) {
    context.answer({ dryRun: true, webhookEvents: ids.map((each) => ({ id: each })) }, () => `Would replay ${ids.length} event(s).${events === null || events.length === 0 ? '' : `\n${tableOf(events)}`}`);
    return EXIT.ok;
  }
  if (events !== null && events.length > 0) await confirmed(context, `Replay ${events.length} event(s) that failed?`, yes);
  const replayed = await replayEach(context, ids);
  context.answer({ webhookEvents: replayed }, () => `${context.colors.green(`✔ ${replayed.length} event(s) to be handled once more`)}${replayed.map((event) => `\n  ${event.id}  ${event.type}`).join('')}`);
  return EXIT.ok;
}

async function replayEach(context: Context, ids: readonly string[]) {
  const plane = context.plane();
  return context.during(`Replaying ${ids.length} event(s)`, ids.length, async (report) => {
    const replayed = [];
    for (const id of ids) {
      replayed.push((await plane.ask(CliReplayWebhookEventDocument, { input: { id } })).replayWebhookEvent.webhookEvent);
      report(replayed.length);
    }
    return replayed;
  });
}
