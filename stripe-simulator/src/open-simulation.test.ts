import { expect, it } from 'vitest';
import { DELIVERIES, EVENTS } from './events/event-records.ts';
import { openSimulation, type OpenSimulation } from './open-simulation.ts';
import { StripeError } from './stripe-error.ts';
import { type EndpointRecord, WEBHOOK_ENDPOINTS } from './webhooks/endpoint-records.ts';

function open(): { simulation: OpenSimulation; told: string[] } {
  const simulation = openSimulation({ dataDir: null, clock: { now: () => new Date('2026-01-31T10:00:00.900Z'), advance: () => undefined } });
  const told: string[] = [];
  simulation.transaction(null, () => simulation.store.put<EndpointRecord>(WEBHOOK_ENDPOINTS, { id: 'we_1', object: 'webhook_endpoint', enabled_events: ['*'], status: 'enabled', internal: { url: 'http://127.0.0.1:9/', secret: 's', rolled: null } }));
  simulation.onCommitted = (deliveries) => told.push(...deliveries);
  return { simulation, told };
}

const counts = ({ store }: OpenSimulation): number[] => ['things', EVENTS, DELIVERIES].map((collection) => store.all(collection).length);

function write(simulation: OpenSimulation, refusal: Error | null): void {
  simulation.transaction(null, () => {
    simulation.emit('thing.created', simulation.store.put('things', { id: 'a', object: 'thing', internal: { secret: 1 } }));
    if (refusal !== null) throw refusal;
  });
}

it('what fails leaves no record, no event and nothing to deliver', () => {
  const { simulation, told } = open();
  for (const error of [new Error('broken'), StripeError.invalid('no')]) expect(() => write(simulation, error)).toThrow(error.message);
  expect([counts(simulation), told]).toEqual([[0, 0, 0], []]);
});

it('a refusal that keeps its writes keeps their events too', () => {
  const { simulation, told } = open();
  expect(() => write(simulation, StripeError.card('declined', { code: 'card_declined' }).keepingWrites())).toThrow('declined');
  expect([counts(simulation), told]).toEqual([[1, 1, 1], [expect.stringMatching(/^evt_\w{24} we_1$/)]]);
});

it('an event shows its object as it was then, in whole seconds, without what is internal', () => {
  const { simulation } = open();
  write(simulation, null);
  expect(simulation.store.all(EVENTS)[0]).toMatchObject({ created: 1_769_853_600, data: { object: { id: 'a', object: 'thing' } }, request: { id: null, idempotency_key: null } });
  expect(JSON.stringify(simulation.store.all(EVENTS))).not.toContain('secret');
});

it('time stands at what is due, for its clock alone', () => {
  const { simulation } = open();
  const due = { id: 'x', at: 1_000, kind: 'k', subject: 's' };
  expect(simulation.transactionAt({ ...due, clock: null }, () => simulation.now())).toBe(1_000);
  expect(simulation.transactionAt({ ...due, clock: 'clock_1' }, () => [simulation.now('clock_1'), simulation.now()])).toEqual([1_000, 1_769_853_600]);
  expect(simulation.now()).toBe(1_769_853_600);
});
