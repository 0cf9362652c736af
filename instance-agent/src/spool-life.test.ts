import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDisk } from './spool-disk.testkit.ts';
import { SpoolLife } from './spool-life.testkit.ts';

const TINY = { maxBytes: 6_000, segmentBytes: 1_200, reserveBytes: 500 };

interface Step {
  run(life: SpoolLife): Promise<void>;
  /** For the counterexample. */
  toString(): string;
}

const step = (name: string, run: Step['run']): Step => ({ run, toString: () => name });

/** Numbers from 0 to 1, the same ones for the same seed. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const set = (name: string, change: (disk: MemoryDisk) => void): Step => step(name, async ({ disk }) => change(disk));

const count = (max: number) => fc.integer({ min: 1, max });

const ordinary = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(count(1000), count(500), fc.constantFrom(1, 1, 7, 60, 1440)).map(([messages, gauge, minutes]) => step(`append ${messages} in ${minutes} min`, (life) => life.append(messages, gauge, minutes))) },
  { weight: 3, arbitrary: count(100).map((requests) => step(`record ${requests}`, (life) => life.record(requests))) },
  { weight: 2, arbitrary: fc.tuple(count(8), fc.boolean()).map(([limit, isReplyLost]) => step(`send ${limit}${isReplyLost ? ', reply lost' : ''}`, (life) => life.send(limit, isReplyLost))) },
  { weight: 1, arbitrary: fc.nat().map((seed) => step(`power lost ${seed}`, (life) => life.restart(createChance(seed)))) },
  { weight: 1, arbitrary: count(25).map((calls) => set(`stop in ${calls}`, (disk) => (disk.stopAtCall = disk.calls + calls))) },
);

const troubles = fc.oneof(
  fc.nat(3000).map((room) => set(`room for ${room}`, (disk) => (disk.capacityBytes = disk.bytes + room))),
  fc.constant(set('read-only', (disk) => (disk.isReadOnly = true))),
  fc.constantFrom('append' as const, 'sync' as const, 'truncate' as const, 'remove' as const).map((kind) => set(`EIO in ${kind}`, (disk) => void disk.broken.add(kind))),
  fc.constant(step('mend', (life) => life.mend())),
  { weight: 2, arbitrary: fc.constant(set('heal', heal)) },
);

function heal(disk: MemoryDisk): void {
  disk.capacityBytes = Infinity;
  disk.isReadOnly = false;
  disk.broken.clear();
}

async function live(steps: readonly Step[], isArchived: boolean): Promise<SpoolLife> {
  const disk = new MemoryDisk();
  const life = await SpoolLife.begin(disk, TINY);
  for (const { run } of steps) {
    await run(life);
    if (disk.calls >= disk.stopAtCall) await life.restart();
    life.check();
  }
  life.checkChain();
  await life.checkArchive(isArchived);
  heal(disk);
  await life.restart();
  await life.finish();
  life.checkChain();
  await life.checkArchive(isArchived);
  // What the disk refused to keep a later report proves.
  expect(await life.verify()).toBe('AGREES');
  return life;
}

describe('a life of the spool', () => {
  it('holds what the product counted, exactly, through any kills, losses of power and lost replies', { timeout: 60_000 }, async () => {
    let merged = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(ordinary, { minLength: 20, maxLength: 150, size: 'max' }), async (steps) => {
        merged += (await live(steps, true)).spool.mergedReports;
      }),
      { numRuns: 300 },
    );
    expect(merged).toBeGreaterThan(1000);
  });

  it('does so on a disk that is full, read-only or broken in between', { timeout: 60_000 }, async () => {
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 5, arbitrary: ordinary }, { weight: 1, arbitrary: troubles }), { minLength: 20, maxLength: 150, size: 'max' }), async (steps) => {
        refusals += (await live(steps, false)).refusals;
      }),
      { numRuns: 300 },
    );
    expect(refusals).toBeGreaterThan(1000);
  });

  it('survives a stop within each single call to the disk of a merge, by a kill or a loss of power', { timeout: 60_000 }, async () => {
    const prepare = async (): Promise<SpoolLife> => {
      const life = await SpoolLife.begin(new MemoryDisk(), TINY);
      await life.append(5, 9);
      await life.send(1, true);
      while (life.spool.bytes < TINY.maxBytes - 450) await life.append(5, 3);
      return life;
    };
    const model = await prepare();
    const before = model.disk.calls;
    await model.append(7, 4);
    expect(model.spool.mergedReports).toBeGreaterThan(0);
    const calls = model.disk.calls - before;
    expect(calls).toBeGreaterThan(15);
    for (let call = 1; call <= calls; call += 1) {
      for (const chance of [null, () => 0, () => 0.99, createChance(call), createChance(call * 1000)]) {
        const life = await prepare();
        life.disk.stopAtCall = life.disk.calls + call;
        await life.append(7, 4);
        await life.restart(chance);
        life.check();
        // Neither what was to be replaced nor what did not come to its end stays behind.
        expect(life.spool.bytes).toBe(life.disk.segmentBytes);
        expect(life.spool.bytes).toBeLessThan(TINY.maxBytes + 450);
        await life.finish();
        life.checkChain();
        await life.checkArchive(true);
      }
    }
  });
});
