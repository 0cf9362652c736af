import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, describe, expect, it } from 'vitest';
import { openSimulation, type OpenSimulation } from './open-simulation.ts';
import type { DueHandler } from './simulation.ts';
import { FAILED_DUE, TEST_CLOCKS, type TestClockRecord, Timekeeper } from './timekeeper.ts';

const START = Date.UTC(2026, 0, 31, 10) / 1000;
const DAY = 86_400;

interface Bench {
  simulation: OpenSimulation;
  timekeeper: Timekeeper;
  /** What happened, in order. */
  said: string[];
  moveTo(seconds: number): Promise<void>;
}

let bench: Bench | null = null;
afterEach(() => bench?.timekeeper.close());

function open(handlers: Record<string, DueHandler>): Bench {
  let nowMs = START * 1000;
  const said: string[] = [];
  const clock = { now: () => new Date(nowMs), advance: (ms: number) => void (nowMs += ms) };
  const simulation = openSimulation({ dataDir: null, clock });
  const timekeeper = new Timekeeper({
    simulation,
    clock,
    handlers,
    settle: async () => void said.push('settled'),
    retryDeliveries: () => undefined,
    onTime: async (now) => void said.push(`host ${(now.getTime() / 1000 - START) / DAY}`),
    log: (message) => said.push(message),
  });
  simulation.onCommitted = () => timekeeper.poke();
  bench = { simulation, timekeeper, said, moveTo: (seconds) => timekeeper.moveTo(new Date(seconds * 1000)) };
  return bench;
}

const schedule = (simulation: OpenSimulation, subject: string, at: number, kind = 'say', clock: string | null = null): void =>
  simulation.transaction(null, () => simulation.schedule({ at, kind, subject, clock }));

describe('time', () => {
  it('goes to each due moment and at most a day at once; webhooks and the host have their turn after each', async () => {
    const { simulation, said, moveTo } = open({ say: (one, due) => void said.push(`${due.subject} at ${(one.now() - START) / DAY}`) });
    schedule(simulation, 'late', START + 2.5 * DAY);
    schedule(simulation, 'early', START + 0.25 * DAY);
    schedule(simulation, 'beside', START + 0.25 * DAY);
    await moveTo(START + 3 * DAY);
    expect(said).toEqual(['early at 0.25', 'beside at 0.25', 'settled', 'host 0.25', 'settled', 'host 1.25', 'settled', 'host 2.25', 'late at 2.5', 'settled', 'host 2.5', 'settled', 'host 3']);
  });

  it('does what a due moment schedules, in its turn, with the time standing at each', async () => {
    const { simulation, said, moveTo } = open({
      say(one, due) {
        said.push(`${due.subject} ${one.now() - START}`);
        if (due.subject === 'first') for (const [subject, at] of [['third', 30], ['second', 20]] as const) one.schedule({ at: START + at, kind: 'say', subject, clock: null });
      },
    });
    schedule(simulation, 'first', START + 10);
    await moveTo(START + 60);
    expect(said.filter((line) => !/host|settled/.test(line))).toEqual(['first 10', 'second 20', 'third 30']);
  });

  it('goes on when something due fails: its writes are undone, and it is set aside', async () => {
    const { simulation, said, moveTo } = open({
      say(one, due) {
        one.store.put('things', { id: due.subject });
        if (due.subject === 'bad') throw new Error('broken');
      },
    });
    schedule(simulation, 'bad', START + 1);
    schedule(simulation, 'good', START + 2);
    schedule(simulation, 'odd', START + 3, 'nobody');
    await moveTo(START + 10);
    expect(simulation.store.all('things')).toEqual([{ id: 'good' }]);
    expect(simulation.store.all<{ id: string; reason: string }>(FAILED_DUE).map(({ reason }) => reason)).toEqual(['broken', 'nothing is done for nobody']);
    expect(said.filter((line) => line === 'what fell due failed')).toHaveLength(2);
  });

  it('is moved by one at a time', async () => {
    const { said, moveTo } = open({});
    await Promise.all([moveTo(START + 100), moveTo(START + 200)]);
    expect(said).toEqual(['settled', `host ${100 / DAY}`, 'settled', `host ${200 / DAY}`]);
  });

  it('does by itself what is due now', async () => {
    const { simulation, said } = open({ say: (_, due) => void said.push(due.subject) });
    schedule(simulation, 'now', START);
    await waitFor(() => expect(said).toEqual(['now']));
  });
});

it('a test clock is advanced through its own due moments, and the account’s time stands still', async () => {
  const { simulation, said } = open({ say: (one, due) => void said.push(`${due.subject} ${one.now(due.clock) - START} ${one.now() - START}`) });
  simulation.transaction(null, () => {
    simulation.store.put<TestClockRecord>(TEST_CLOCKS, { id: 'clock_1', object: 'test_helpers.test_clock', frozen_time: START, status: 'advancing', internal: { target: START + 50 } });
    for (const [subject, at] of [['b', 40], ['a', 20], ['beyond', 60]] as const) simulation.schedule({ at: START + at, kind: 'say', subject, clock: 'clock_1' });
  });
  await waitFor(() => expect(simulation.store.get<TestClockRecord>(TEST_CLOCKS, 'clock_1')?.status).toBe('ready'));
  expect(said).toEqual(['a 20 0', 'b 40 0']);
  expect(simulation.now('clock_1')).toBe(START + 50);
});
