import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';
import { MemoryStore } from './memory-store.ts';

function drain(queue: DueQueue): string[] {
  const order: string[] = [];
  for (let due = queue.next(null); due !== null; due = queue.next(null)) {
    order.push(`${due.at} ${due.subject}`);
    queue.unschedule(due.kind, due.subject);
  }
  return order;
}

it('gives what falls due in the order of time, and of scheduling within one time, whatever was replaced, taken back or rolled back', () => {
  const step = fc.record({ verb: fc.constantFrom('schedule' as const, 'unschedule' as const, 'rolled back' as const), subject: fc.integer({ min: 0, max: 15 }), at: fc.integer({ min: 0, max: 8 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = new MemoryStore(null);
      const queue = new DueQueue(store);
      const expected = new Map<string, { at: number; order: number }>();
      for (const [order, { verb, subject, at }] of steps.entries()) {
        const name = String(subject);
        if (verb === 'unschedule') {
          queue.unschedule('kind', name);
          expected.delete(name);
        } else {
          queue.schedule({ at, kind: 'kind', subject: name, clock: null });
          if (verb === 'schedule') expected.set(name, { at, order });
        }
        if (verb === 'rolled back') store.rollback();
        else store.commit();
      }
      const inOrder = [...expected].toSorted(([, a], [, b]) => a.at - b.at || a.order - b.order).map(([name, { at }]) => `${at} ${name}`);
      expect(drain(new DueQueue(store)).length).toBe(inOrder.length);
      store.rollback();
      expect(drain(queue)).toEqual(inOrder);
    }),
    { numRuns: 200 },
  );
});

it('keeps the time of a test clock apart from the account’s', () => {
  const queue = new DueQueue(new MemoryStore(null));
  queue.schedule({ at: 5, kind: 'kind', subject: 'a', clock: 'clock_1' });
  queue.schedule({ at: 9, kind: 'kind', subject: 'b', clock: null });
  expect(queue.nextAt('clock_1')).toBe(5);
  expect(queue.nextAt(null)).toBe(9);
});
