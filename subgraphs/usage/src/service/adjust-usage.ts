import { currentRequestId } from '@iotistic/chassis/log';
import { whenHeardOf } from '@iotistic/chassis/heard-of';
import { publish } from '@iotistic/chassis/outbox';
import { type Page, type PageArgs, parsePage, toPage } from '@iotistic/chassis/page';
import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { Meter } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import { z } from 'zod';
import type { UsageApp } from '../app.ts';
import { currentPeriod } from '../domain/period.ts';
import { MAX_COUNT } from '../domain/verdict.ts';
import { findAdjustment, insertAdjustment, listAdjustmentsOfCustomer, type UsageAdjustment } from '../repository/adjustments.ts';
import { addChangedCustomer } from '../repository/measured-periods.ts';
import { findMeteredPeriod, findPeriod, type MeteredPeriod } from './trace-usage.ts';

export interface AdjustUsageInput {
  customerId: string;
  meter: Meter;
  periodStart?: Date | null | undefined;
  quantity: number;
  reason: string;
  reference: string;
}

const REFERENCE = /^[\x21-\x7e]{1,128}$/;
const MAX_REASON = 500;

/**
 * Adds a correction to a period's meter, under the name of who signs it off. It is measured, billed and traced from then on
 * as its own line; nothing that was reported changes. The same reference with the same numbers answers what is there.
 * @throws AppError INVALID_INPUT: INVALID_ADJUSTMENT, INVALID_TEXT. NOT_FOUND PERIOD_NOT_FOUND. CONFLICT REFERENCE_TAKEN.
 */
export async function adjustUsage(app: Pick<UsageApp, 'db' | 'loaders' | 'clock' | 'measuring'>, caller: Caller, input: AdjustUsageInput): Promise<{ adjustment: UsageAdjustment; period: MeteredPeriod }> {
  const { customerId, meter, quantity, reason, reference } = input;
  if (quantity === 0 || Math.abs(quantity) > MAX_COUNT || !REFERENCE.test(reference)) throw new AppError('INVALID_INPUT', 'INVALID_ADJUSTMENT');
  if (reason.trim() === '' || reason.length > MAX_REASON) throw new AppError('INVALID_INPUT', 'INVALID_TEXT');
  const now = app.clock.now();
  const known = await whenHeardOf(() => app.loaders.subscriptionPeriod.load(customerId));
  if (known === null) throw new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND');
  const periodStart = input.periodStart ?? new Date(currentPeriod(known, now).startMs);
  if ((await findPeriod(app, customerId, periodStart)) === null) throw new AppError('NOT_FOUND', 'PERIOD_NOT_FOUND');
  const wanted: UsageAdjustment = { id: newId('usad'), customerId, meter, periodStart, quantity, reason: reason.trim(), reference, signedOffBy: actorOf(caller), signedOffAt: now };
  const adjustment = await app.db.transaction().execute(async (tx) => {
    if (!(await insertAdjustment(tx, wanted))) return findAdjustment(tx, customerId, reference);
    await addChangedCustomer(tx, customerId, periodStart);
    const detail = `${meter} ${quantity > 0 ? '+' : ''}${quantity} in the period from ${periodStart.toISOString()} (${reference}): ${wanted.reason}`;
    await publish(tx, 'usage', 'usage.audited', { id: newId('audt'), customerId, actor: wanted.signedOffBy, action: 'usage.adjusted', target: wanted.id, detail, requestId: currentRequestId() ?? newId('req'), at: now.toISOString() }, now);
    return wanted;
  });
  if (adjustment === null || !isSame(adjustment, wanted)) throw new AppError('CONFLICT', 'REFERENCE_TAKEN');
  app.measuring.wake();
  return { adjustment, period: (await findMeteredPeriod(app, { customerId, meter, periodStart })) as MeteredPeriod };
}

function isSame(one: UsageAdjustment, other: UsageAdjustment): boolean {
  return one.meter === other.meter && one.quantity === other.quantity && one.periodStart.getTime() === other.periodStart.getTime();
}

type AdjustmentKey = [signedOffAt: string, id: string];
const adjustmentKey: z.ZodType<AdjustmentKey> = z.tuple([z.iso.datetime(), z.string().max(64)]);

/** Newest first. @throws AppError INVALID_PAGE_SIZE, INVALID_CURSOR */
export async function listUsageAdjustments(app: Pick<UsageApp, 'db'>, customerId: string, args: PageArgs): Promise<Page<UsageAdjustment>> {
  const page = parsePage(args, adjustmentKey);
  const after = page.after === null ? null : { at: new Date(page.after[0]), id: page.after[1] };
  return toPage(await listAdjustmentsOfCustomer(app.db, customerId, after, page.first + 1), page, ({ signedOffAt, id }): AdjustmentKey => [signedOffAt.toISOString(), id]);
}
