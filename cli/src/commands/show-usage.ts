import { CliError, EXIT } from '../cli-error.ts';
import { existing, known, type Context } from '../context.ts';
import { CliShowFleetUsageDocument, type CliShowFleetUsageQuery, CliShowUsageDocument, type CliShowUsageQuery } from '../generated.ts';
import { listAll, moreThan } from '../pages.ts';
import { formatDetails, formatInstant, formatLimit, formatShare, formatTable, printable, rule } from '../printable.ts';

const DAY_MS = 86_400_000;
/** From here on an operator is warned. */
const WARN_SHARE = 0.8;
const MAX_REPORTS_SHOWN = 100;
/** Customers in one question: each brings its instances along. */
const FLEET_PAGE = 20;

export interface ShowUsageOptions {
  customer?: string;
  all?: boolean;
  days: number;
  limit: number;
}

export async function showUsage(context: Context, { customer, all, days, limit }: ShowUsageOptions): Promise<void> {
  if ((customer === undefined) === (all !== true)) throw new CliError(EXIT.usage, 'Give --customer <id>, or --all for everybody.');
  const to = await context.now();
  const range = { from: new Date(to.getTime() - days * DAY_MS).toISOString(), to: to.toISOString() };
  await (customer === undefined ? showFleet(context, days, limit, range) : showCustomer(context, customer, days, limit, range));
}

interface Range {
  from: string;
  to: string;
}

type UsageCustomer = NonNullable<CliShowUsageQuery['customer']>;
type FleetEntry = CliShowFleetUsageQuery['fleetUsage']['edges'][number]['node'];
type Limited = { readonly entitlements: { readonly limits: readonly { readonly key: string; readonly value: number | null }[] } };
type Active = { readonly activeDevices: number; readonly totalDevices: number };

function deviceLimit(subscription: Limited | null): number | null {
  return subscription?.entitlements.limits.find(({ key }) => key === 'maxDevices')?.value ?? null;
}

function shareOf(count: number, limit: number | null): number | null {
  return limit === null || limit === 0 ? null : count / limit;
}

/** What the documents' report says below its tables. An hour without a report counts into no average. */
export function statisticsOf(hours: readonly { readonly quantity: number; readonly peak: number; readonly reports: number }[], { activeDevices: active, totalDevices: total }: Active, limit: number | null) {
  const reported = hours.filter(({ reports }) => reports > 0);
  const average = reported.length === 0 ? null : Math.round((reported.reduce((sum, { quantity }) => sum + quantity, 0) / reported.length) * 10) / 10;
  return {
    reports: hours.reduce((sum, { reports }) => sum + reports, 0),
    averageActive: average,
    peakActive: reported.length === 0 ? null : Math.max(...reported.map(({ quantity, peak }) => Math.max(quantity, peak))),
    currentActive: active,
    currentTotal: total,
    limit,
    remaining: limit === null ? null : Math.max(0, limit - active),
    utilization: shareOf(active, limit),
  };
}

async function showCustomer(context: Context, id: string, days: number, limit: number, range: Range): Promise<void> {
  const customer = existing((await context.plane().askWhatIsKnown(CliShowUsageDocument, { id, ...range, reports: Math.min(limit, MAX_REPORTS_SHOWN) })).customer);
  const { usageReports: listed, usageSeries, activeNow, ...told } = customer;
  const usageReports = known(listed);
  const maxDevices = deviceLimit(customer.subscription);
  const statistics = statisticsOf(known(usageSeries), known(activeNow), maxDevices);
  const reports = usageReports.edges.map(({ node }) => node);
  const peak = statistics.utilization;
  const data = { customer: told, range, statistics, warning: peak !== null && peak >= WARN_SHARE, reports: reports.map((report) => ({ ...report, utilization: shareOf(report.activeDevices, maxDevices) })), totalReports: usageReports.totalCount };
  context.answer(data, () => [describeCustomer(customer, maxDevices), describeReports(reports, usageReports.totalCount, days, maxDevices), describeStatistics(context, statistics, customer.subscription !== null), describePeriod(known(customer.usageSummary))].join('\n\n'));
}

function describeCustomer({ subscription, ...customer }: UsageCustomer, maxDevices: number | null): string {
  return [
    formatDetails('Customer Information:', [['ID', customer.id], ['Email', customer.email], ['Name', customer.fullName ?? '-'], ['Company', customer.companyName ?? '-']]),
    formatDetails('Subscription Information:', [['Plan', subscription?.plan.key ?? '-'], ['Status', subscription?.status ?? '-'], ['Device Limit', subscription === null ? '-' : formatLimit(maxDevices)], [subscription?.status === 'TRIALING' ? 'Trial Ends' : 'Renewal Date', formatInstant(subscription?.status === 'TRIALING' ? subscription.trialEndsAt : subscription?.currentPeriodEndsAt)]]),
  ].join('\n\n');
}

function describeReports(reports: readonly NonNullable<UsageCustomer['usageReports']>['edges'][number]['node'][], total: number, days: number, limit: number | null): string {
  const rows = reports.map(({ intervalEnd, instance, activeDevices, totalDevices }) => [formatInstant(intervalEnd), instance?.name ?? '-', String(activeDevices), String(totalDevices), formatShare(shareOf(activeDevices, limit))]);
  const more = total > reports.length ? `\nThe last ${reports.length} of ${total}; see more with --limit (to ${MAX_REPORTS_SHOWN}), or iotctl usage export.` : '';
  return `Usage Reports (Last ${days} Days):\n${formatTable(['Date', 'Instance', 'Active', 'Total', 'Utilization'], rows, { right: [2, 3, 4] })}${more}`;
}

function describeStatistics({ colors }: Context, { reports, averageActive, peakActive, currentActive, currentTotal, limit, remaining, utilization }: ReturnType<typeof statisticsOf>, isLimitKnown: boolean): string {
  const devices = (count: number | null): string => (count === null ? '-' : `${count} devices`);
  const statistics = formatDetails('Summary Statistics:', [
    ['Total Reports', String(reports)],
    ['Avg Active', devices(averageActive)],
    ['Peak Active', devices(peakActive)],
    ['Current Active', devices(currentActive)],
    ['Current Total', devices(currentTotal)],
    ['Limit', limit === null ? (isLimitKnown ? 'unlimited' : '-') : devices(limit)],
    ['Remaining', limit === null ? '-' : devices(remaining)],
    ['Utilization', formatShare(utilization)],
  ]);
  const warning = utilization !== null && utilization >= WARN_SHARE ? `\n${colors.yellow(`⚠ WARNING: ${formatShare(utilization)} of device limit used!`)}\n  Consider upgrading to a higher plan.` : '';
  return `${statistics}${warning}`;
}

function describePeriod({ periodStart, periodEnd, meters }: NonNullable<UsageCustomer['usageSummary']>): string {
  const rows = meters.map(({ meter, used, included, overage, utilization, projected }) => [meter, String(used), formatLimit(included), String(overage), formatShare(utilization), String(projected)]);
  return `Billing Period ${formatInstant(periodStart)} to ${formatInstant(periodEnd)}:\n${formatTable(['Meter', 'Used', 'Included', 'Overage', 'Utilization', 'Projected'], rows, { right: [1, 2, 3, 4, 5] })}`;
}

async function showFleet(context: Context, days: number, limit: number, range: Range): Promise<void> {
  const plane = context.plane();
  const listed = await context.during('Reading the fleet', null, () => listAll(limit, async (page) => (await plane.askWhatIsKnown(CliShowFleetUsageDocument, { ...page, ...range })).fleetUsage, FLEET_PAGE));
  const fleet = listed.nodes.map(summarise);
  context.answer({ range, customers: fleet, hasMore: listed.hasMore }, () => [`Found ${fleet.length} customer(s)`, rule('═'), '', ...fleet.flatMap((each) => [describeEntry(context, each, days), '']), rule('═')].join('\n') + moreThan(listed));
}

function summarise({ customer: found, instances, lastReportedAt, utilization: highestUtilization }: FleetEntry) {
  const customer = known(found);
  const series = known(customer.usageSeries);
  const limit = deviceLimit(customer.subscription);
  const { activeDevices: active, totalDevices: total } = known(customer.activeNow);
  const utilization = shareOf(active, limit);
  return {
    id: customer.id,
    email: customer.email,
    name: customer.companyName ?? customer.fullName,
    plan: customer.subscription?.plan.key ?? null,
    status: customer.subscription?.status ?? null,
    limit,
    active,
    total,
    utilization,
    warning: utilization !== null && utilization >= WARN_SHARE,
    peakActive: Math.max(0, ...series.map(({ peak }) => peak)),
    reports: series.reduce((sum, { reports }) => sum + reports, 0),
    instances,
    lastReportedAt,
    highestUtilization,
  };
}

function describeEntry({ colors }: Context, { id, email, name, plan, limit, active, total, peakActive, utilization, reports, instances, lastReportedAt, warning }: ReturnType<typeof summarise>, days: number): string {
  return [
    colors.bold(name === null ? printable(email) : printable(`${name} (${email})`)),
    `  Customer ID:  ${id}`,
    `  Plan:         ${plan ?? '-'}`,
    `  Device Limit: ${plan === null ? '-' : formatLimit(limit)}`,
    `  Active:       ${active} devices, peak ${peakActive}`,
    `  Total:        ${total} devices in ${instances} instance(s)`,
    `  Utilization:  ${formatShare(utilization)}`,
    `  Reports:      ${reports} in last ${days} days, the last ${formatInstant(lastReportedAt)}`,
    ...(warning ? [`  ${colors.yellow(`⚠ WARNING: ${formatShare(utilization)} of limit used!`)}`] : []),
  ].join('\n');
}
