import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gravestCause, isRepairable, type MeterReading, needsLook, placeAtStripe, readableWindows, RECONCILIATION_CAUSES, reconcileMeter, type ReconciledMeter } from './reconciliation.ts';
import { trialFor } from './subscription.ts';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
const told: MeterReading = { meter: 'DEVICES', reported: 9, sent: 9, stripe: 9, status: 'SENT', sentAt: ago(60), error: null };
const trial = trialFor({ customerId: 'cust_1', createdAt: NOW }, 14);

describe('one meter', () => {
  it.each<[name: string, reading: Partial<MeterReading>, cause: string | null]>([
    ['that Stripe counts', {}, null],
    ['that Stripe counts although nobody knows how the telling ended', { status: 'SENDING', sentAt: ago(600) }, null],
    ['of which nothing was measured, nor told', { reported: 0, sent: 0, stripe: null, status: null, sentAt: null }, null],
    ['that was not told yet', { sent: 7, stripe: 7, status: 'PENDING' }, 'WAITING'],
    ['that was never told', { sent: 0, stripe: null, status: 'PENDING', sentAt: null }, 'WAITING'],
    ['that was told a moment ago', { stripe: 7, sentAt: ago(4) }, 'WAITING'],
    ['whose telling never ended', { stripe: null, status: 'SENDING', sentAt: ago(0) }, 'SENDING_UNKNOWN'],
    ['that Stripe refused', { stripe: 7, status: 'REJECTED', error: 'archived_meter' }, 'REJECTED'],
    ['that Stripe took and does not have', { stripe: null }, 'STRIPE_LOST'],
    ['that Stripe took and counted, and has no more', { stripe: 7, status: 'ACCEPTED', sentAt: ago(1) }, 'STRIPE_LOST'],
    ['that somebody else set higher', { stripe: 12 }, 'STRIPE_HAS_MORE'],
    ['that only somebody else told of', { reported: 0, sent: 0, stripe: 3, status: null, sentAt: null }, 'STRIPE_HAS_MORE'],
    ['that somebody else set a fraction higher', { stripe: 9.2 }, 'STRIPE_HAS_MORE'],
  ])('%s', (_name, change, cause) => {
    const reconciled = reconcileMeter({ ...told, ...change }, 'billed', NOW);
    expect(reconciled.cause).toBe(cause);
    expect(reconciled.explanation === null).toBe(cause === null);
    expect(reconciled.explanation ?? '').toMatch(cause === null ? /^$/ : /^[A-Z].*\.$/);
  });

  it('names the figures and the word that Stripe refused with', () => {
    expect(reconcileMeter({ ...told, status: 'REJECTED', stripe: 7, error: 'archived_meter' }, 'billed', NOW).explanation).toBe('Stripe refused 9 (archived_meter) and has 7.');
  });

  it.each(['not_yet', 'ended', 'contract'] as const)('of a customer that Stripe does not bill (%s) says so', (place) => {
    expect(reconcileMeter({ ...told, sent: 0, stripe: null, status: 'PENDING' }, place, NOW).cause).toBe('NOT_AT_STRIPE');
  });

  it('whatever stands on either side: reported = sent + pending, and a cause exactly where Stripe has something else', () => {
    const units = fc.nat(1_000);
    const status = fc.constantFrom('PENDING' as const, 'SENDING' as const, 'SENT' as const, 'ACCEPTED' as const, 'REJECTED' as const, null);
    fc.assert(
      fc.property(units, units, fc.option(units), status, fc.option(fc.nat(10_000)), (reported, sent, stripe, how, sentAgo) => {
        const found = reconcileMeter({ meter: 'DEVICES', reported, sent, stripe, status: how, sentAt: sentAgo === null ? null : ago(sentAgo), error: null }, 'billed', NOW);
        expect(found.reported).toBe(found.sent + found.pending);
        expect(found.cause === null).toBe((stripe ?? 0) === reported);
      }),
    );
  });
});

describe('a period', () => {
  const meter = (change: Partial<ReconciledMeter>): ReconciledMeter => ({ meter: 'DEVICES', reported: 9, sent: 7, pending: 2, stripe: 7, cause: 'WAITING', explanation: 'x', ...change });
  const at = (minutes: number, ...meters: ReconciledMeter[]) => ({ checkedAt: ago(minutes), meters });

  it('is as bad as its worst meter', () => {
    expect(gravestCause([meter({ cause: null }), meter({}), meter({ cause: 'STRIPE_LOST' }), meter({ cause: 'STRIPE_HAS_MORE' })])).toBe('STRIPE_LOST');
    expect(gravestCause([meter({ cause: null })])).toBeNull();
    expect(RECONCILIATION_CAUSES.filter(isRepairable)).toEqual(['REJECTED', 'STRIPE_LOST', 'STRIPE_HAS_MORE', 'SENDING_UNKNOWN']);
  });

  it('needs a look when it does not go by itself, or waits and Stripe’s figure has not moved for minutes', () => {
    expect(needsLook(at(0, meter({ cause: 'REJECTED' })), null)).toBe(true);
    expect(needsLook(at(0, meter({})), null)).toBe(false);
    expect(needsLook(at(0, meter({})), at(5, meter({})))).toBe(true);
    expect(needsLook(at(0, meter({ cause: 'SENDING_UNKNOWN' })), null)).toBe(false);
    expect(needsLook(at(0, meter({ cause: 'SENDING_UNKNOWN' })), at(5, meter({})))).toBe(true);
    expect(needsLook(at(0, meter({})), at(1, meter({})))).toBe(false);
    expect(needsLook(at(0, meter({ stripe: 8 })), at(5, meter({})))).toBe(false);
    expect(needsLook(at(0, meter({})), at(5, meter({ cause: null })))).toBe(false);
    expect(needsLook(at(0, meter({ cause: null })), at(5, meter({})))).toBe(false);
  });

  it('is read in whole minutes, the widest window first, and none that is empty', () => {
    const text = (start: string, end: string): string[] => readableWindows({ start: new Date(`2026-11-20T${start}Z`), end: new Date(`2026-11-20T${end}Z`) }).map((window) => `${window.start.toISOString().slice(11, 16)}–${window.end.toISOString().slice(11, 16)}`);
    expect(text('12:00:00', '13:00:00')).toEqual(['12:00–13:00']);
    expect(text('12:00:37', '13:00:00')).toEqual(['12:00–13:00', '12:01–13:00']);
    expect(text('12:00:37', '13:00:10')).toEqual(['12:00–13:01', '12:00–13:00', '12:01–13:01', '12:01–13:00']);
    expect(text('12:00:10', '12:00:50')).toEqual(['12:00–12:01']);
  });
});

it('Stripe bills whom it knows by a subscription that lives', () => {
  const paid = { ...trial, stripeSubscriptionId: 'sub_1', status: 'ACTIVE' as const };
  expect(placeAtStripe(paid, 'cus_1')).toBe('billed');
  expect(placeAtStripe({ ...paid, status: 'CANCELED' }, 'cus_1')).toBe('ended');
  expect(placeAtStripe(trial, 'cus_1')).toBe('not_yet');
  expect(placeAtStripe(trial, null)).toBe('not_yet');
  expect(placeAtStripe({ ...trial, isContract: true }, null)).toBe('contract');
});
