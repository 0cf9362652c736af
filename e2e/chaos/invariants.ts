import { METERS, type Meter } from '@iotistic/contracts/events';
import { BILLED, GAUGE_METERS, type HourOfInstance, hoursOf, type MeterReading, quantitiesOf, valuesOf } from './brute-force.ts';
import type { ChaosCustomer } from './customers.ts';
import type { Desk } from './desk.ts';
import type { IntakeWatch } from './intake-watch.ts';
import type { PlaneView, Standing } from './read-plane.ts';
import type { TalliedReport } from './tally.ts';

/** What has to hold in the end, by the word that a difference is told under. */
export const INVARIANTS = {
  settled: 'nothing is pending: spools are empty, queues and outboxes too, and nothing waits to be told to Stripe',
  traffic: 'what the products counted is what the agents spooled',
  spooled: 'each report that an agent was told is on disk is kept by it, once',
  stored: 'each spooled report is stored, and nothing else is',
  once: 'no report is stored twice',
  rolledUp: 'the hourly rollups are the stored reports, by a brute-force reading',
  measured: 'billing was told the quantities that the reports come to (SPEC 7)',
  told: 'each revision of usage and each version of a subscription was told, without a gap',
  sent: 'what billing sent is what it was told',
  billed: 'what Stripe has is what was sent',
  identifiers: "at Stripe one identifier is one statement, an unanswered one is repeated under it, and a meter's value never falls",
  noted: "what is said to Stripe of a meter stands in billing's table before it is said",
  invoiced: 'the final invoices of a period that ended bill the units that were told, and billing has a copy of each',
  turns: 'Stripe is told of a meter by one at a time',
  audited: 'each change that was made stands in the audit log',
  fates: 'received = accepted + late + duplicates + rejected, and each as the answers said',
  ordered: 'a license is followed only by one of the same version or a newer one',
  agreement: 'Stripe, the subscription, usage, licensing and each agent say the same, and the newest',
  deployed: 'each deployment that was asked for ends once, with one key in force where it stands and none where it does not',
  pushed: 'who watches reports sees each that is stored meanwhile, or hears that some were missed',
  standing: 'no part ends by itself',
} as const;
export type Invariant = keyof typeof INVARIANTS;

export interface Difference {
  invariant: Invariant;
  what: string;
}

/** One row of the table of sums. Gauges by SPEC 7; null where a meter is not billed. */
export interface MeterRow {
  customer: string;
  meter: Meter;
  /** What the products counted: counters only. */
  traffic: number | null;
  spooled: number;
  stored: number;
  rolledUp: number;
  measured: number | null;
  sent: number | null;
  /** In Stripe's units, and what it should be. */
  units: number | null;
  atStripe: number | null;
}

export interface CustomerEvidence {
  customer: ChaosCustomer;
  tallies: ReadonlyMap<string, readonly TalliedReport[]>;
  view: PlaneView;
  standing: Standing;
  revisions: readonly number[];
}

const MAX_NAMED = 5;

/** Follows each unit from the product to Stripe. */
export function compareUsage(evidence: CustomerEvidence, desk: Desk): { rows: MeterRow[]; differences: Difference[] } {
  const { customer, tallies, view } = evidence;
  const name = customer.email.split('@')[0] ?? customer.email;
  const periodStartMs = customer.periodStart.getTime();
  const spooled = [...tallies].flatMap(([instance, reports]) => reports.map((report): MeterReading => ({ instance, sequence: report.sequence, endMs: Date.parse(report.intervalEnd), values: valuesOf(report) })));
  const storedHours = hoursOf(view.stored, periodStartMs);
  const sums = { spooled: quantitiesOf(hoursOf(spooled, periodStartMs).values()), stored: quantitiesOf(storedHours.values()), rolledUp: quantitiesOf(view.rolledUp) };
  const differences: Difference[] = [...compareReports(name, spooled, view.stored), ...compareRollups(name, storedHours, view.rolledUp)];
  const rows = METERS.map((meter): MeterRow => {
    const metered = view.metered.get(meter);
    const billed = BILLED[meter];
    const traffic = GAUGE_METERS.has(meter) ? null : trafficOf(customer, desk, meter);
    const sent = metered?.sentQuantity ?? null;
    return { customer: name, meter, traffic, spooled: sums.spooled[meter], stored: sums.stored[meter], rolledUp: sums.rolledUp[meter], measured: metered?.quantity ?? null, sent, units: billed === undefined || sent === null ? null : Math.ceil(sent / billed.perUnit), atStripe: view.atStripe.get(meter) ?? null };
  });
  for (const row of rows) differences.push(...compareRow(row, view));
  return { rows, differences };
}

function trafficOf({ instances }: ChaosCustomer, desk: Desk, meter: Meter): number {
  return instances.reduce((sum, instance) => {
    const counted = desk.products.get(instance)?.counted;
    return counted === undefined ? sum : sum + valuesOf({ activeDevices: 0, storageBytes: 0, ...counted })[meter];
  }, 0);
}

function compareRow(row: MeterRow, view: PlaneView): Difference[] {
  const where = `${row.customer} ${row.meter}`;
  const found: Difference[] = [];
  const same = (invariant: Invariant, what: string, one: number | null, other: number | null): void => {
    if (one !== other) found.push({ invariant, what: `${where}: ${what}: ${one ?? 'nothing'} and ${other ?? 'nothing'}` });
  };
  if (row.traffic !== null) same('traffic', 'counted by the products and spooled', row.traffic, row.spooled);
  same('stored', 'spooled and stored', row.spooled, row.stored);
  same('rolledUp', 'stored and rolled up', row.stored, row.rolledUp);
  if (BILLED[row.meter] === undefined) return found;
  const metered = view.metered.get(row.meter);
  same('measured', 'by all reports and told to billing', row.spooled, row.measured);
  // What rounds to the same units is not sent again.
  const perUnit = BILLED[row.meter]?.perUnit ?? 1;
  same('sent', 'units told to billing and sent', row.measured === null ? null : Math.ceil(row.measured / perUnit), row.units);
  if (metered !== undefined && metered.status !== 'SENT' && metered.status !== 'ACCEPTED') found.push({ invariant: 'sent', what: `${where}: is ${metered.status}${metered.error === null ? '' : ` (${metered.error})`}` });
  same('billed', 'units sent and at Stripe', row.units, row.atStripe);
  return found;
}

/** Report by report, by instance and sequence. */
function compareReports(name: string, spooled: readonly MeterReading[], stored: readonly MeterReading[]): Difference[] {
  const keyOf = (reading: MeterReading): string => `${reading.instance} #${reading.sequence} ${new Date(reading.endMs).toISOString()}`;
  const spooledKeys = countBy(spooled, keyOf);
  const storedKeys = countBy(stored, keyOf);
  const missing = [...spooledKeys.keys()].filter((key) => !storedKeys.has(key));
  const surplus = [...storedKeys.keys()].filter((key) => !spooledKeys.has(key));
  const doubled = [...storedKeys].filter(([, count]) => count > 1).map(([key, count]) => `${key} ${count} times`);
  const reused = [...countBy(spooled, ({ instance, sequence }) => `${instance} #${sequence}`)].filter(([, count]) => count > 1).map(([key]) => key);
  return [
    ...told('stored', `${name}: spooled and not stored`, missing),
    ...told('stored', `${name}: stored and not spooled`, surplus),
    ...told('once', `${name}: stored more than once`, doubled),
    ...told('spooled', `${name}: a report was lost from the disk, for its number was given once more`, reused),
  ];
}

function compareRollups(name: string, expected: ReadonlyMap<string, HourOfInstance>, rolledUp: readonly HourOfInstance[]): Difference[] {
  const found = new Map(rolledUp.map((hour) => [`${hour.instance} ${new Date(hour.startMs).toISOString()}`, hour]));
  const wrong: string[] = [];
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [one, other] = [expected.get(key), found.get(key)];
    if (one === undefined || other === undefined) wrong.push(`${key} is ${one === undefined ? 'too many' : 'missing'}`);
    else if (one.reports !== other.reports) wrong.push(`${key} has ${other.reports} reports of ${one.reports}`);
    else for (const meter of METERS) if (one.values[meter] !== other.values[meter]) wrong.push(`${key} ${meter} ${other.values[meter]} instead of ${one.values[meter]}`);
  }
  return told('rolledUp', `${name}: hours`, wrong);
}

/** Each report that was received has one fate, and what was answered is what stands there. */
export function compareIntake({ customer, view, tallies }: CustomerEvidence, watch: IntakeWatch): Difference[] {
  return customer.instances.flatMap((instance) => {
    const intake = view.intake.get(instance) ?? { accepted: 0, late: 0, duplicates: 0, rejected: 0 };
    const said = watch.of(instance);
    const stored = view.stored.filter((reading) => reading.instance === instance).length;
    const found: string[] = [];
    if (intake.accepted + intake.late !== stored) found.push(`${intake.accepted} accepted and ${intake.late} late, and ${stored} stored`);
    if (intake.rejected > 0) found.push(`${intake.rejected} rejected of ${tallies.get(instance)?.length ?? 0} good reports`);
    if (said.accepted + said.late > intake.accepted + intake.late) found.push(`answered as accepted ${said.accepted + said.late}, and ${intake.accepted + intake.late} were`);
    const received = intake.accepted + intake.late + intake.duplicates + intake.rejected;
    const least = said.accepted + said.late + said.duplicates + said.rejected;
    if (received < least || received > least + said.open) found.push(`received ${received}; answered ${least}, and ${said.open} without an answer`);
    return found.map((what) => ({ invariant: 'fates' as const, what: `${instance}: ${what}` }));
  });
}

/** Versions and revisions rise by one. */
export function compareTold({ customer, revisions, standing }: CustomerEvidence): Difference[] {
  return [...gaps(`${customer.id}: usage.recorded`, revisions), ...gaps(`${customer.id}: subscription.changed`, standing.toldVersions)];
}

function gaps(what: string, numbers: readonly number[]): Difference[] {
  const first = numbers[0] ?? 1;
  const wrong = numbers.flatMap((number, index) => (number === first + index ? [] : [`${first + index} is ${number}`])).slice(0, 1);
  return told('told', `${what} does not rise by one`, wrong);
}

export interface StripeStanding {
  live: number;
  plan: string | null;
  status: string;
  endsAtPeriodEnd: boolean;
}

/** In the order in which they were in force: an older one never takes the place of a newer one, not even for a moment. */
export function compareLicenses({ customer, standing }: CustomerEvidence): Difference[] {
  const versions = standing.licenseVersions;
  return told('ordered', `${customer.id}: licenses`, versions.flatMap((version, index) => (version < (versions[index - 1] ?? 0) ? [`version ${versions[index - 1]} was followed by ${version}`] : [])));
}

/** Each part by its own door, by rules that share nothing with the plane's code. */
export function compareStandings({ customer, standing }: CustomerEvidence, atStripe: StripeStanding, desk: Desk): Difference[] {
  const found: string[] = [];
  const same = (what: string, one: unknown, other: unknown): void => {
    if (one !== other) found.push(`${what}: ${String(one)} and ${String(other)}`);
  };
  const { subscription, licensing, license, usageVersion } = standing;
  same('live subscriptions at Stripe', atStripe.live, 1);
  same('plan at Stripe and here', atStripe.plan, subscription.plan);
  same('status at Stripe and here', atStripe.status, subscription.status);
  same('end at Stripe and here', atStripe.endsAtPeriodEnd, subscription.endsAtPeriodEnd);
  same('version of billing and licensing', subscription.version, licensing?.version);
  same('version of billing and usage', subscription.version, usageVersion);
  same('plan of billing and licensing', subscription.plan, licensing?.plan);
  same('version of the subscription and of the license in force', subscription.version, license?.version);
  same('newest license and the one in force', Math.max(...standing.licenseVersions), license?.version);
  for (const instance of customer.instances) {
    const held = desk.statuses.get(instance)?.license ?? null;
    same(`license in force and held by ${instance}`, license?.id, held?.id);
    same(`version of the subscription and of the license held by ${instance}`, subscription.version, held?.version);
  }
  return found.map((what) => ({ invariant: 'agreement', what: `${customer.id}: ${what}` }));
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function told(invariant: Invariant, what: string, cases: readonly string[]): Difference[] {
  if (cases.length === 0) return [];
  const rest = cases.length > MAX_NAMED ? `, and ${cases.length - MAX_NAMED} more` : '';
  return [{ invariant, what: `${what} (${cases.length}): ${cases.slice(0, MAX_NAMED).join('; ')}${rest}` }];
}
