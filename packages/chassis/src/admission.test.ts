import { describe, expect, it } from 'vitest';
import { Admission, type GroupState } from './admission.ts';

/** A store of members by group, to which admitted ones are written later. */
function createStore(maximum: number | null) {
  const stored = new Map<string, Set<string>>();
  const membersOf = (group: string): Set<string> => stored.get(group) ?? new Set();
  let looks = 0;
  return {
    write: (group: string, member: string): void => void stored.set(group, membersOf(group).add(member)),
    looks: () => looks,
    async look(group: string, candidates: readonly string[], arriving: readonly string[]): Promise<GroupState> {
      looks += 1;
      await Promise.resolve();
      const members = membersOf(group);
      return { known: candidates.filter((id) => members.has(id)), members: members.size, stored: arriving.filter((id) => members.has(id)), maximum };
    },
  };
}

const admitAll = (admission: Admission, group: string, names: readonly string[]): Promise<boolean[]> =>
  Promise.all(names.map(async (name) => admission.admits(group, name)));

describe('a group with a maximum', () => {
  it('lets exactly so many in, also of hundreds at once, and its members always', async () => {
    const store = createStore(10);
    const admission = new Admission(store.look);
    const names = Array.from({ length: 300 }, (_, index) => `m${index}`);
    const answers = await admitAll(admission, 'g', names);
    expect(answers.filter(Boolean)).toHaveLength(10);
    for (const [index, name] of names.entries()) if (answers[index] ?? false) store.write('g', name);
    expect((await admitAll(admission, 'g', names)).filter(Boolean)).toHaveLength(10);
    expect(await admission.admits('another', 'm299')).toBe(true);
  });

  it('knows a member without a look, once it was stored', async () => {
    const store = createStore(10);
    const admission = new Admission(store.look);
    await admission.admits('g', 'a');
    store.write('g', 'a');
    await admission.admits('g', 'a');
    const before = store.looks();
    expect(admission.admits('g', 'a')).toBe(true);
    expect(store.looks()).toBe(before);
  });

  it('counts those on their way as in, and once only when they are stored', async () => {
    const store = createStore(3);
    const admission = new Admission(store.look);
    expect(await admitAll(admission, 'g', ['a', 'b'])).toEqual([true, true]);
    store.write('g', 'a');
    store.write('g', 'b');
    expect(await admission.admits('g', 'c')).toBe(true);
    expect(await admission.admits('g', 'd')).toBe(false);
  });

  it('looks once for all who come at the same time', async () => {
    const store = createStore(1_000);
    const admission = new Admission(store.look);
    await admitAll(admission, 'g', Array.from({ length: 500 }, (_, index) => `m${index}`));
    expect(store.looks()).toBe(1);
  });

  it('has no end where there is no maximum', async () => {
    const store = createStore(null);
    const admission = new Admission(store.look);
    expect((await admitAll(admission, 'g', Array.from({ length: 2_000 }, (_, index) => `m${index}`))).every(Boolean)).toBe(true);
  });

  it('goes on after a look that failed', async () => {
    let isDown = true;
    const admission = new Admission(() => (isDown ? Promise.reject(new Error('down')) : Promise.resolve({ known: [], members: 0, stored: [], maximum: 1 })));
    await expect(admission.admits('g', 'a')).rejects.toThrow('down');
    isDown = false;
    expect(await admission.admits('g', 'a')).toBe(true);
  });
});
