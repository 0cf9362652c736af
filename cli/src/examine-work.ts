import { attempt, type Check, check, counted, lasting } from './check.ts';
import type { Context } from './context.ts';
import { CliExamineBillingDocument, CliExamineDeploymentsDocument, type CliExamineBillingQuery, CliExamineLicensingDocument, CliExamineReportersDocument, CliListQueuesDocument, CliListSigningKeysDocument, CliListUsageAnomaliesDocument } from './generated.ts';
import { listAll } from './pages.ts';
import { formatInstant } from './printable.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
const LAG_WARNING_MS = 60 * SECOND_MS;
const LAG_FAILURE_MS = 600 * SECOND_MS;
const KEY_OVERDUE_DAYS = 365;
/** So many are counted; of more it is only said that there are more. */
const MAX_LISTED = 1_000;
const MAX_NAMED = 3;
/** Of these nobody expects a report. */
const OVER: ReadonlySet<string> = new Set(['CANCELED', 'INCOMPLETE', 'INCOMPLETE_EXPIRED', 'PAUSED']);

/** The lines that need an operator's token, each with what it is called where it cannot be looked at. */
export const WORK_CHECKS: readonly { names: readonly string[]; look: (context: Context) => Promise<Check[]> }[] = [
  { names: ['payments', 'disputes', 'webhooks', 'metering', 'reconciliation', 'prices', 'findings', 'mails'], look: examineBilling },
  { names: ['deployments'], look: examineDeployments },
  { names: ['anomalies', 'silent instances'], look: examineFleet },
  { names: ['jobs'], look: examineJobs },
  { names: ['licenses'], look: examineLicenses },
  { names: ['signing key'], look: examineSigningKey },
];

/** What the plane does for its customers, by its own clock: all that the operator's overview shows. Each query is bounded. */
export async function examineWork(context: Context): Promise<Check[]> {
  const found = await Promise.all(WORK_CHECKS.map(({ names, look }) => attempt(names[0] ?? '', () => look(context))));
  return found.flat();
}

async function examineBilling(context: Context): Promise<Check[]> {
  const { billingOverview: overview } = await context.plane().ask(CliExamineBillingDocument, {});
  const { meteringDifferences: differing, pricingDifferences, metering } = overview;
  const nowMs = (await context.now()).getTime();
  return [
    examinePayments(overview),
    examineDisputes(overview),
    examineWebhooks(overview, nowMs),
    metering.late > 0 ? check('metering', 'failed', `sending to Stripe is late by more than 15 minutes for ${counted(metering.late, 'meter')}`, { command: 'iotctl stripe reconcile' }) : check('metering', 'ok', metering.waiting === 0 ? 'nothing waits to be sent to Stripe' : `${counted(metering.waiting, 'meter')} to be sent to Stripe, none late`),
    differing > 0 ? check('reconciliation', 'failed', `in ${counted(differing, 'billing period')} Stripe does not have what was reported`, { command: 'iotctl stripe reconcile' }) : check('reconciliation', 'ok', 'Stripe has what was reported'),
    pricingDifferences > 0 ? check('prices', 'warning', `Stripe and the price book disagreed ${counted(pricingDifferences, 'time')}`, { command: 'iotctl stripe sync --dry-run' }) : check('prices', 'ok', 'Stripe and the price book agree'),
    examineFindings(overview),
    examineMails(overview, nowMs),
  ];
}

type Overview = CliExamineBillingQuery['billingOverview'];

function examinePayments({ byStatus, unpaidInvoices, owed }: Overview): Check {
  const pastDue = byStatus.filter(({ status }) => status === 'PAST_DUE' || status === 'UNPAID').reduce((sum, { customers }) => sum + customers, 0);
  const uncollected = owed.reduce((sum, { uncollectedInvoices }) => sum + uncollectedInvoices, 0);
  if (pastDue + unpaidInvoices + uncollected === 0) return check('payments', 'ok', 'no customer is past due, and no invoice is unpaid');
  const last = uncollected === 0 ? '' : `; ${counted(uncollected, 'invoice')} of them ${uncollected === 1 ? 'is' : 'are'} charged by nobody any more`;
  const detail = `${counted(pastDue, 'customer')} past due, ${counted(unpaidInvoices, 'unpaid invoice')}${last}`;
  return check('payments', 'warning', detail, { command: 'iotctl customers list' });
}

function examineDisputes({ disputes: { open, needResponse, respondBy } }: Overview): Check {
  if (open === 0) return check('disputes', 'ok', 'no bank contests a payment');
  const answer = needResponse === 0 ? 'none waits for an answer' : `${needResponse.toLocaleString('en-US')} ${needResponse === 1 ? 'waits' : 'wait'} for an answer`;
  const until = needResponse === 0 || respondBy === null ? '' : `, the first until ${formatInstant(respondBy)}`;
  return check('disputes', 'warning', `${counted(open, 'payment')} contested by a bank, ${answer}${until}: answer in Stripe's dashboard`);
}

function examineFindings({ stripeFindings }: Overview): Check {
  if (stripeFindings === 0) return check('findings', 'ok', 'nothing at Stripe was made by others');
  const detail = `${counted(stripeFindings, 'thing')} at Stripe made by others`;
  return check('findings', 'warning', detail, { command: 'iotctl stripe findings' });
}

function examineWebhooks({ webhooks: { received, failed, oldestReceivedAt } }: Overview, nowMs: number): Check {
  const lagMs = oldestReceivedAt === null ? 0 : Math.max(0, nowMs - new Date(oldestReceivedAt).getTime());
  const detail = `${received === 0 ? 'none waits' : `${received} ${received === 1 ? 'waits' : 'wait'}, the oldest for ${lasting(lagMs)}`}, ${failed === 0 ? 'none' : failed} failed`;
  if (failed === 0 && lagMs < LAG_WARNING_MS) return check('webhooks', 'ok', detail);
  return check('webhooks', lagMs >= LAG_FAILURE_MS ? 'failed' : 'warning', detail, { command: `iotctl webhooks list --status ${failed > 0 ? 'failed' : 'received'}` });
}

function examineMails({ mails: { waiting, oldestCreatedAt, failed, unknown } }: Overview, nowMs: number): Check {
  const ageMs = oldestCreatedAt === null ? 0 : Math.max(0, nowMs - new Date(oldestCreatedAt).getTime());
  const waits = waiting === 0 ? 'none waits' : `${waiting} to be sent, the oldest for ${lasting(ageMs)}`;
  const detail = `${waits}; in 30 days ${failed} given up, and ${unknown} of which nobody knows whether they arrived`;
  if (failed + unknown === 0 && ageMs < HOUR_MS) return check('mails', 'ok', `${waiting === 0 ? 'none waits' : `${waiting} to be sent`}, none was given up`);
  return check('mails', 'warning', `${detail}; see MailsNotSent in docs/operating.md`);
}

async function examineDeployments(context: Context): Promise<Check[]> {
  const { totalCount } = (await context.plane().ask(CliExamineDeploymentsDocument, {})).deployments;
  return [totalCount > 0 ? check('deployments', 'warning', `${totalCount.toLocaleString('en-US')} failed`, { command: 'iotctl deployments list --status failed' }) : check('deployments', 'ok', 'none failed')];
}

async function examineFleet(context: Context): Promise<Check[]> {
  const plane = context.plane();
  const nowMs = (await context.now()).getTime();
  const open = await listAll(MAX_LISTED, async (page) => (await plane.ask(CliListUsageAnomaliesDocument, { ...page, open: true })).usageAnomalies);
  const fleet = await listAll(MAX_LISTED, async (page) => (await plane.ask(CliExamineReportersDocument, page)).fleetUsage);
  const silent = open.nodes.filter(({ kind }) => kind === 'INSTANCE_SILENT').map(({ instance, customer }) => `${instance?.name ?? 'one'} (${nameOf(customer)})`);
  const quiet = fleet.nodes.filter(({ lastReportedAt, customer }) => lastReportedAt !== null && nowMs - new Date(lastReportedAt).getTime() > DAY_MS && !OVER.has(customer?.subscription?.status ?? ''));
  const named = new Set(open.nodes.flatMap(({ kind, customer }) => (kind === 'INSTANCE_SILENT' && customer !== null ? [customer.id] : [])));
  const customers = quiet.filter(({ customer }) => customer !== null && !named.has(customer.id)).map(({ customer, lastReportedAt }) => `all of ${nameOf(customer)} for ${lasting(nowMs - new Date(lastReportedAt ?? 0).getTime())}`);
  return [examineAnomalies(open), examineSilent([...silent, ...customers])];
}

function examineAnomalies({ nodes, hasMore }: { nodes: readonly { readonly kind: string }[]; hasMore: boolean }): Check {
  if (nodes.length === 0) return check('anomalies', 'ok', 'none is open');
  const kinds = new Map<string, number>();
  for (const { kind } of nodes) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const list = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return check('anomalies', 'warning', `${nodes.length.toLocaleString('en-US')}${hasMore ? ' or more' : ''} open (${list})`, { command: 'iotctl usage anomalies' });
}

function examineSilent(silent: readonly string[]): Check {
  if (silent.length === 0) return check('silent instances', 'ok', 'none');
  const more = silent.length - MAX_NAMED;
  return check('silent instances', 'warning', `${silent.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`, { command: 'iotctl usage show --all' });
}

function nameOf(customer: { readonly id: string; readonly email: string; readonly companyName: string | null } | null): string {
  return customer === null ? 'a customer' : (customer.companyName ?? customer.email);
}

async function examineJobs(context: Context): Promise<Check[]> {
  const { queueStats } = await context.plane().ask(CliListQueuesDocument, {});
  const dead = queueStats.filter(({ failed }) => failed > 0);
  if (dead.length === 0) return [check('jobs', 'ok', 'none was given up')];
  return [check('jobs', 'warning', `${dead.map(({ name, failed }) => `${failed} in ${name}`).join(', ')} given up`, { command: 'iotctl queues list' })];
}

async function examineLicenses(context: Context): Promise<Check[]> {
  const { endingSoon, renewalsLate } = (await context.plane().ask(CliExamineLicensingDocument, {})).licensingOverview;
  const ending = `${endingSoon.toLocaleString('en-US')} ${endingSoon === 1 ? 'ends' : 'end'} within 7 days, with a trial or a subscription`;
  if (renewalsLate === 0) return [check('licenses', 'ok', `${ending}; no renewal is late`)];
  return [check('licenses', 'failed', `${counted(renewalsLate, 'renewal')} late for more than 15 minutes; ${ending}; see LicenseExpiring in docs/operating.md`)];
}

async function examineSigningKey(context: Context): Promise<Check[]> {
  const { signingKeys } = await context.plane().ask(CliListSigningKeysDocument, {});
  const current = signingKeys.find(({ status }) => status === 'CURRENT');
  if (current === undefined) return [check('signing key', 'failed', 'no key signs: no license can be issued', { command: 'iotctl keys list' })];
  const since = current.currentSince ?? current.createdAt;
  const days = Math.max(0, Math.floor(((await context.now()).getTime() - new Date(since).getTime()) / DAY_MS));
  const detail = `signs since ${formatInstant(since)}, for ${counted(days, 'day')}`;
  return [days >= KEY_OVERDUE_DAYS ? check('signing key', 'warning', `${detail}: it is due to be replaced`, { command: 'iotctl keys rotate' }) : check('signing key', 'ok', detail)];
}
