import { systemClock } from '@iotistic/chassis/clock';
import type { PastReport } from 'iotistic-agent/report-history';
import { askSimulator } from './demo-client.ts';
import { doDeed, enter, readSubscription } from './demo-deeds.ts';
import { accountOf } from './demo-file.ts';
import { DEMO_DAYS, DEMO_FLEET, FLOOD, type DemoCustomer, type DemoInstance } from './demo-fleet.ts';
import { DEMO_OPERATIONS } from './demo-operations.ts';
import { type DemoStage, until } from './demo-stage.ts';
import { countersOf, gaugesAt } from './demo-usage.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const HOURS_PER_DAY = 24;
/** Two clocks that differ by less are one. */
const NOTICEABLE_MS = 1_000;

/**
 * Lives the demo's days one after the other: what its customers do on a day, the plane's time to the day's end, then the
 * hours of that day as their clusters report them. A day that was begun and not ended is lived again: nothing in it counts twice.
 * @param onLived is called with the number of days lived so far, after each.
 */
export async function liveHistory(stage: DemoStage, onLived: (day: number) => void): Promise<void> {
  const { state } = stage;
  for (let day = state.livedDays; day < DEMO_DAYS; day += 1) {
    for (const customer of DEMO_FLEET) {
      if (customer.signsUpOnDay === day) await enter(stage, customer);
      for (const deed of customer.deeds.filter((one) => one.day === day)) await doDeed(stage, customer, deed);
    }
    const end = startOf(stage, day + 1);
    await untilStripeKnows(stage, end);
    await passTime(stage, end);
    await Promise.all(DEMO_FLEET.flatMap((customer) => customer.instances.map((instance) => report(stage, customer, instance, day))));
    state.livedDays = day + 1;
    stage.save();
    onLived(state.livedDays);
  }
  // Living took its time: where the plane began behind the machine's clock, it catches up with it.
  const present = systemClock.now();
  if (present.getTime() - stage.now().getTime() > NOTICEABLE_MS) await passTime(stage, present);
}

function startOf({ state }: Pick<DemoStage, 'state'>, day: number): Date {
  return new Date(Date.parse(state.beganAt) + day * DAY_MS);
}

async function passTime(stage: DemoStage, to: Date): Promise<void> {
  if (stage.now() < to) await askSimulator(stage.stripeUrl, '/_sim/time', { to: to.toISOString() }, stage.signal);
}

/** A period that ends today is invoiced with what Stripe knows by then: real days leave more time for that than ours. */
async function untilStripeKnows(stage: DemoStage, end: Date): Promise<void> {
  await Promise.all(DEMO_FLEET.map(({ key }) => untilStripeKnowsOf(stage, key, end)));
}

async function untilStripeKnowsOf(stage: DemoStage, key: string, end: Date): Promise<void> {
  const { customerId } = accountOf(stage.state, key);
  if (customerId === undefined) return;
  const { status, currentPeriodEndsAt } = await readSubscription(stage, customerId);
  if (status !== 'ACTIVE' || currentPeriodEndsAt === null || new Date(currentPeriodEndsAt) > end) return;
  const isBalanced = async (): Promise<boolean> => (await stage.operator.ask<{ reconciliation: { balanced: boolean } }>(DEMO_OPERATIONS.reconciliation, { id: customerId })).reconciliation.balanced;
  await until(stage, isBalanced, `Stripe was not told of all that ${key} used`);
}

/** Reports the hours of the day that is over, and those that could not be told before. */
async function report(stage: DemoStage, customer: DemoCustomer, instance: DemoInstance, day: number): Promise<void> {
  const apiKey = accountOf(stage.state, customer.key).apiKey;
  const days = daysToReport(instance, day).filter((one) => one >= customer.signsUpOnDay);
  if (apiKey === undefined) return;
  // What is told later was measured, numbered and archived today.
  if (days.length === 0) {
    if (instance.silentFromDay === undefined || day < instance.silentFromDay) await stage.archive.numbered(instance.name, hoursOf(stage, instance, day), stage.now());
    return;
  }
  const reports = await stage.archive.numbered(instance.name, days.flatMap((one) => hoursOf(stage, instance, one)), stage.now());
  const { reportUsage } = await stage.anyone.as({ 'x-api-key': apiKey }).ask<{ reportUsage: { rejected: { reason: string }[] } }>(DEMO_OPERATIONS.reportUsage, { input: { instance: instance.name, reports } });
  const [refused] = reportUsage.rejected;
  if (refused !== undefined) throw new Error(`a report of ${instance.name} was refused: ${refused.reason}`);
}

/** The days whose hours are told at the end of this one. Those of an outage come a week late, after the period's invoice. */
export function daysToReport({ offlineDays, silentFromDay }: DemoInstance, day: number): number[] {
  if (silentFromDay !== undefined && day >= silentFromDay) return [];
  if (offlineDays === undefined) return [day];
  const [from, to] = offlineDays;
  const told = day === DEMO_DAYS - 2 ? Array.from({ length: to - from + 1 }, (_, index) => from + index) : [];
  return day >= from && day <= to ? [] : [...told, day];
}

function hoursOf(stage: DemoStage, instance: DemoInstance, day: number): PastReport[] {
  return Array.from({ length: HOURS_PER_DAY }, (_, hour) => hourOf(stage, instance, day, hour));
}

/** The id is made of what the report is about: told again, it is known. */
function hourOf(stage: DemoStage, instance: DemoInstance, day: number, hour: number): PastReport {
  const start = new Date(startOf(stage, day).getTime() + hour * HOUR_MS);
  const end = new Date(start.getTime() + HOUR_MS);
  const busy = onDay(instance, day);
  return { reportId: `demo-${instance.name}-${end.toISOString()}`, intervalStart: start.toISOString(), intervalEnd: end.toISOString(), ...gaugesAt(instance, end), ...countersOf(busy, end, HOUR_MS) };
}

/** The instance as it is on that day: a flood multiplies its messages. */
export function onDay(instance: DemoInstance, day: number): DemoInstance {
  return day === instance.floodDay ? { ...instance, messagesPerDeviceHour: instance.messagesPerDeviceHour * FLOOD } : instance;
}
