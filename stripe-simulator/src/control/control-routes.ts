import { z } from 'zod';
import { completeCheckout } from '../billing/complete-checkout.ts';
import { type DeliveryRecord, DELIVERIES, type EventRecord, EVENTS, THIN_EVENTS, type ThinEventRecord } from '../events/event-records.ts';
import type { Faults } from '../faults.ts';
import type { OpenSimulation, SimulatorClock } from '../open-simulation.ts';
import { closeDispute, openDispute } from '../payments/disputes.ts';
import { type ChargeRecord, CHARGES } from '../payments/payment-records.ts';
import { render } from '../render.ts';
import { FAILED_DUE, type Timekeeper } from '../timekeeper.ts';
import type { Deliverer } from '../webhooks/deliverer.ts';
import { type EndpointRecord, endpointsFor, findEndpoint } from '../webhooks/endpoint-records.ts';
import { rollSecret } from '../webhooks/roll-secret.ts';
import { ControlError } from './control-error.ts';

/** What the controls work on. */
export interface Controls {
  simulation: OpenSimulation;
  clock: SimulatorClock;
  timekeeper: Timekeeper;
  deliverer: Deliverer;
  faults: Faults;
  /** After a reset: what stands in an empty account by itself. */
  prepare: () => void;
}

export interface ControlRoute<B = never> {
  method: 'GET' | 'POST';
  path: string;
  body: z.ZodType<B>;
  run(controls: Controls, body: B, path: Record<string, string>): object | Promise<object>;
}

function route<B>(definition: ControlRoute<B>): ControlRoute {
  return definition as unknown as ControlRoute;
}

const MAX_DAYS = 3_660;
const probability = z.union([z.number().min(0).max(1), z.boolean().transform(Number)]);
const nothing = z.strictObject({});

const health = route({
  method: 'GET',
  path: '/_sim/health',
  body: nothing,
  run: ({ simulation }) => ({ status: 'ok', now: new Date(simulation.nowMs()).toISOString(), pendingDeliveries: simulation.store.by<DeliveryRecord>(DELIVERIES, 'state', 'pending').length, failedDue: simulation.store.all(FAILED_DUE) }),
});

const reset = route({
  method: 'POST',
  path: '/_sim/reset',
  body: nothing,
  run({ simulation, deliverer, faults, prepare }) {
    deliverer.forget();
    deliverer.chaos = { duplicate: 0, drop: 0, shuffle: 0 };
    faults.set(null, 0);
    simulation.reset();
    prepare();
    return { reset: true };
  },
});

const timeBody = z
  .strictObject({ days: z.number().min(0).max(MAX_DAYS).optional(), seconds: z.number().min(0).max(MAX_DAYS * 86_400).optional(), to: z.union([z.iso.datetime({ offset: true }), z.number().int()]).optional() })
  .refine((body) => [body.days, body.seconds, body.to].filter((value) => value !== undefined).length === 1, { error: 'name one of days, seconds and to' });

const time = route({
  method: 'POST',
  path: '/_sim/time',
  body: timeBody,
  async run({ clock, timekeeper }, { days = 0, seconds = 0, to }) {
    const fromMs = clock.now().getTime();
    const targetMs = to === undefined ? fromMs + Math.round(days * 86_400_000 + seconds * 1_000) : typeof to === 'number' ? to * 1_000 : new Date(to).getTime();
    if (targetMs < fromMs) throw new ControlError(400, `time goes forward only: it is ${new Date(fromMs).toISOString()}`);
    if (targetMs > fromMs + MAX_DAYS * 86_400_000) throw new ControlError(400, `time is moved by at most ${MAX_DAYS} days at once`);
    await timekeeper.moveTo(new Date(targetMs));
    return { now: clock.now().toISOString() };
  },
});

const chaos = route({
  method: 'POST',
  path: '/_sim/chaos',
  body: z.strictObject({ duplicate: probability.optional(), drop: probability.optional(), shuffle: probability.optional() }),
  run({ deliverer }, { duplicate = deliverer.chaos.duplicate, drop = deliverer.chaos.drop, shuffle = deliverer.chaos.shuffle }) {
    deliverer.chaos = { duplicate, drop, shuffle };
    return { chaos: deliverer.chaos };
  },
});

const replay = route({
  method: 'POST',
  path: '/_sim/webhooks/replay',
  body: z.strictObject({ event: z.string() }),
  run({ simulation: { store }, deliverer }, { event: id }) {
    const snapshot = store.get<EventRecord>(EVENTS, id);
    const event = snapshot ?? store.get<ThinEventRecord>(THIN_EVENTS, id);
    if (event === undefined) throw new ControlError(404, `there is no event ${id}`);
    const endpoints = endpointsFor(store, event.type, snapshot === undefined);
    deliverer.replay(id, endpoints, snapshot === undefined);
    return { event: id, endpoints: endpoints.map((endpoint) => endpoint.id) };
  },
});

const roll = route({
  method: 'POST',
  path: '/_sim/webhooks/roll',
  body: z.strictObject({ endpoint: z.string(), overlapSeconds: z.number().int().min(0).max(86_400).optional() }),
  run({ simulation }, { endpoint: id, overlapSeconds = 86_400 }) {
    const endpoint: EndpointRecord | undefined = findEndpoint(simulation.store, id);
    if (endpoint === undefined) throw new ControlError(404, `there is no webhook endpoint ${id}`);
    return simulation.transaction(null, () => ({ endpoint: id, secret: rollSecret(simulation, endpoint, overlapSeconds) }));
  },
});

const checkout = route({
  method: 'POST',
  path: '/_sim/checkout/:id/complete',
  body: z.strictObject({ card: z.string(), promotionCode: z.string().nullish(), promo: z.string().nullish() }),
  run: ({ simulation }, { card, promotionCode, promo }, { id = '' }) =>
    simulation.transaction(null, () => render(simulation, completeCheckout(simulation, id, { card: card.replaceAll(/[\s-]/g, ''), promotionCode: promotionCode ?? promo ?? null }), new Map()) as object),
});

const faults = route({
  method: 'POST',
  path: '/_sim/faults',
  body: z
    .strictObject({ status: z.number().int().min(400).max(599).optional(), afterApply: z.boolean().optional(), cut: z.boolean().optional(), delayMs: z.number().int().min(0).max(600_000).optional(), count: z.number().int().min(0).max(1_000_000).optional(), path: z.string().startsWith('/').optional() })
    .refine((body) => body.count === 0 || body.status !== undefined || body.cut === true || body.delayMs !== undefined, { error: 'name a status, cut or delayMs; or count 0 for no more faults' }),
  run({ faults: store }, { status = null, cut = false, afterApply = cut && status === null, delayMs = 0, count = 1, path = null }) {
    const fault = { status, afterApply, cut, delayMs, path };
    store.set(fault, count);
    return { fault: count === 0 ? null : fault, count };
  },
});

/** Only a bank can do these. */
const dispute = route({
  method: 'POST',
  path: '/_sim/disputes',
  body: z.strictObject({ charge: z.string().optional(), invoice: z.string().optional(), amount: z.number().int().min(1).optional(), reason: z.string().max(100).optional(), inquiry: z.boolean().optional() }).refine((body) => (body.charge === undefined) !== (body.invoice === undefined), { error: 'name a charge, or the invoice that it paid' }),
  run({ simulation }, { charge: id, invoice, amount, reason = 'fraudulent', inquiry: isInquiry = false }) {
    const charge = id === undefined ? simulation.store.by<ChargeRecord>(CHARGES, 'internal.invoice', invoice ?? '').at(-1) : simulation.store.get<ChargeRecord>(CHARGES, id);
    if (charge === undefined) throw new ControlError(404, 'there is no such charge');
    return simulation.transaction(null, () => render(simulation, openDispute(simulation, charge, { amount, reason, isInquiry }), new Map()) as object);
  },
});

const disputeClosed = route({
  method: 'POST',
  path: '/_sim/disputes/:id/close',
  body: z.strictObject({ outcome: z.enum(['won', 'lost']) }),
  run: ({ simulation }, { outcome }, { id = '' }) => simulation.transaction(null, () => render(simulation, closeDispute(simulation, id, outcome), new Map()) as object),
});

export const controlRoutes: ControlRoute[] = [health, reset, time, chaos, replay, roll, checkout, faults, dispute, disputeClosed];
