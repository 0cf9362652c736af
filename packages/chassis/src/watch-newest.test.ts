import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Live } from './live.ts';
import type { LiveEvent } from './live-event.ts';
import { createLog } from './log.ts';
import type { PulledIterator } from './pulled-iterator.ts';
import { watchNewest } from './watch-newest.ts';

/** A state that is read, and a bus that says that it may have changed. */
function openState(after?: string, beginning = 0) {
  let state: number | null = beginning;
  let fault: Error | null = null;
  const listeners = new Set<(message: string) => void>();
  const gaps = new Set<() => void>();
  const live = {
    subscribe(_topic: string, listener: (message: string) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onGap(listener: () => void) {
      gaps.add(listener);
      return () => gaps.delete(listener);
    },
  } as unknown as Live;
  const read = (): Promise<number | null> => (fault === null ? Promise.resolve(state) : Promise.reject(fault));
  const events = watchNewest<number>({ live, log: createLog({ level: 'silent', name: 'test' }), topics: ['state'], after, read, markOf: String, isTold: (value, message) => value === Number(message) });
  return {
    events,
    set: (value: number | null) => (state = value),
    say: (message: number) => listeners.forEach((listener) => listener(String(message))),
    miss: () => gaps.forEach((listener) => listener()),
    fail: (error: Error | null) => (fault = error),
    listeners,
  };
}

/** The next value, past what only says where the stream stands. */
async function nextOf(events: PulledIterator<LiveEvent<number>>): Promise<LiveEvent<number>> {
  for (;;) {
    const { value } = (await events.next()) as { value: LiveEvent<number> };
    if (value.value !== null) return value;
  }
}

const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('a watch of what is true', () => {
  it('gives the newest to a reader who was slow, whatever came in between', async () => {
    const { events, set, say } = openState();
    await settled();
    for (let value = 1; value <= 10_000; value += 1) {
      set(value);
      say(value);
      if (value % 1_000 === 0) await settled();
    }
    const values: number[] = [];
    while (values.at(-1) !== 10_000) values.push((await nextOf(events)).value as number);
    expect(values.length).toBeLessThan(5);
  });

  it('gives what changed while messages were lost', async () => {
    const { events, set, miss } = openState();
    await settled();
    set(1);
    miss();
    expect((await nextOf(events)).value).toBe(1);
  });

  it('gives what changed while it could not be read', async () => {
    const { events, set, say, fail } = openState();
    await settled();
    fail(new Error('the database is away'));
    set(1);
    say(1);
    await vi.advanceTimersByTimeAsync(3_500);
    fail(null);
    const next = nextOf(events);
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await next).value).toBe(1);
  });

  it('gives what a message names though it was there at the first reading: the message was on its way meanwhile; once', async () => {
    const { events, set, say } = openState();
    await settled();
    say(0);
    expect((await nextOf(events)).value).toBe(0);
    say(0);
    await settled();
    set(1);
    say(1);
    expect((await nextOf(events)).value).toBe(1);
  });

  it('taken up where it stood gives what is another now, and nothing where nothing is', async () => {
    const first = openState();
    await settled();
    first.set(5);
    first.say(5);
    const { position } = (await nextOf(first.events)).mark;
    const changed = openState(position);
    expect((await nextOf(changed.events)).value).toBe(0);
    const same = openState(position, 5);
    await settled();
    same.set(6);
    same.say(6);
    expect((await nextOf(same.events)).value).toBe(6);
  });

  it('hears no more when its reader has left', async () => {
    const { events, listeners } = openState();
    await events.return();
    expect(listeners).toHaveLength(0);
  });
});
