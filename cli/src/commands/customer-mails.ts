import { CliError, EXIT } from '../cli-error.ts';
import { type ChangeOptions, type Context, existing, known } from '../context.ts';
import { CliMailPreferencesDocument, CliUpdateMailPreferencesDocument } from '../generated.ts';
import { formatDetails } from '../printable.ts';

/** By the words of the command line: what the graph calls them, and what they are about. */
const KINDS = {
  'usage-warnings': { field: 'usageWarnings', about: 'near what is included or allowed' },
  'usage-anomalies': { field: 'usageAnomalies', about: 'unusual usage, silent instances' },
  deployments: { field: 'deployments', about: 'deployments that failed' },
} as const;
type Kind = keyof typeof KINDS;

export const MAIL_KINDS = Object.keys(KINDS) as Kind[];

interface MailOptions extends ChangeOptions {
  stop?: Kind[];
  send?: Kind[];
}

/** Shows which mails a customer gets besides those about money and access, or changes that. */
export async function customerMails(context: Context, { stop = [], send = [], dryRun = false }: MailOptions, id = ''): Promise<void> {
  const both = stop.find((kind) => send.includes(kind));
  if (both !== undefined) throw new CliError(EXIT.usage, `${both} cannot be both stopped and sent.`);
  const plane = context.plane();
  const before = known(existing((await plane.ask(CliMailPreferencesDocument, { id })).customer).mailPreferences);
  const change = Object.fromEntries([...stop.map((kind) => [KINDS[kind].field, false] as const), ...send.map((kind) => [KINDS[kind].field, true] as const)]);
  const isChange = stop.length + send.length > 0;
  const after = !isChange || dryRun ? { ...before, ...change } : (await plane.ask(CliUpdateMailPreferencesDocument, { input: { customerId: id, ...change } })).updateMailPreferences.mailPreferences;
  const rows = MAIL_KINDS.map((kind) => [kind, `${after[KINDS[kind].field] ? 'sent' : 'stopped'} (${KINDS[kind].about})`] as const);
  context.answer({ ...(isChange ? { dryRun } : {}), mailPreferences: after }, () => formatDetails(isChange && dryRun ? 'Would be, besides mails about money and access:' : 'Besides mails about money and access:', rows));
}
