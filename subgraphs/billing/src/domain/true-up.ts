import type { Meter } from '@iotistic/contracts/events';
import { formatMoney } from './money.ts';
import type { MeteredPrice } from './plan-catalogue.ts';
import { rate } from './rating.ts';

/** What is billed, or credited, because a period's usage became another after its invoice: late reports, corrections, what Stripe lost. */
export interface TrueUp {
  id: string;
  customerId: string;
  meter: Meter;
  /** Of the period that it belongs to. */
  periodStart: Date;
  /** What was billed for before it, and with it; in the price's units. */
  fromUnits: number;
  toUnits: number;
  /** Minor units; below zero is a credit. */
  amount: number;
  currency: string;
  /** As it stands on the invoice. */
  description: string;
  status: TrueUpStatus;
  stripeItemId: string | null;
  createdAt: Date;
  /** When Stripe was asked first. */
  attemptedAt: Date | null;
}

/** FREE: it lies within what the plan includes, so that there is nothing to bill. */
export type TrueUpStatus = 'PENDING' | 'SENT' | 'FREE' | 'REJECTED';

/**
 * The difference that other units make under the prices of the period itself: what lay within its allowance stays free, and
 * the next period's allowance is not touched. Minor units.
 */
export function trueUpAmount(price: Pick<MeteredPrice, 'model' | 'tiers'>, fromUnits: number, toUnits: number): number {
  const amountOf = (units: number): number => rate({ ...price, quantityPerUnit: 1 }, units).amount;
  return amountOf(toUnits) - amountOf(fromUnits);
}

/** The line of the invoice that bills it: names the period and both figures. */
export function describeTrueUp(of: { price: Pick<MeteredPrice, 'unit'>; periodStart: Date; periodEnd: Date; fromUnits: number; toUnits: number; amount: number; currency: string }): string {
  const span = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' }).formatRange(of.periodStart, of.periodEnd);
  return `Usage of ${span}, known after its invoice: ${of.toUnits} × ${of.price.unit} instead of ${of.fromUnits} (${formatMoney(of.amount, of.currency)})`;
}
