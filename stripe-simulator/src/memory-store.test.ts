import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { RecordIndex } from './record-index.ts';

interface Thing {
  id: string;
  name?: string | null;
  nested?: { owner: string };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stripe-simulator-'));
  folders.push(folder);
  return folder;
}

describe('a transaction', () => {
  it('is undone whole by a rollback: records, their order and every index', () => {
    const store = new MemoryStore(null);
    for (const id of ['a', 'b', 'c']) store.put<Thing>('things', { id, name: 'old', nested: { owner: id } });
    store.commit();
    expect(store.by<Thing>('things', 'name', 'old')).toHaveLength(3);
    store.put<Thing>('things', { id: 'a', name: 'new' });
    store.remove('things', 'b');
    store.put<Thing>('things', { id: 'b', name: 'new' });
    store.put<Thing>('things', { id: 'd', name: 'new' });
    expect(store.by<Thing>('things', 'name', 'new').map(({ id }) => id)).toEqual(['a', 'b', 'd']);
    store.rollback();
    expect(store.all<Thing>('things').map(({ id, name }) => [id, name])).toEqual([['a', 'old'], ['b', 'old'], ['c', 'old']]);
    expect(store.by<Thing>('things', 'name', 'old').map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(store.by<Thing>('things', 'name', 'new')).toEqual([]);
    expect(store.by<Thing>('things', 'nested.owner', 'b').map(({ id }) => id)).toEqual(['b']);
  });

  it('cannot be gone around: what was put is copied, what was read is frozen', () => {
    const store = new MemoryStore(null);
    const given: Thing = { id: 'a', nested: { owner: 'x' } };
    const stored = store.put<Thing>('things', given);
    given.nested = { owner: 'y' };
    expect(store.get<Thing>('things', 'a')?.nested?.owner).toBe('x');
    expect(() => Object.assign(stored, { name: 'z' })).toThrow(TypeError);
    expect(() => Object.assign(stored.nested ?? {}, { owner: 'z' })).toThrow(TypeError);
  });
});

describe('the journal', () => {
  it('brings back all that was committed, in its order, and nothing else', () => {
    const folder = newFolder();
    const store = new MemoryStore(folder);
    for (const id of ['a', 'b', 'c']) store.put<Thing>('things', { id, name: id });
    store.commit();
    store.remove('things', 'b');
    store.put<Thing>('things', { id: 'a', name: null });
    store.commit();
    store.put<Thing>('things', { id: 'lost' });
    store.close();
    const again = new MemoryStore(folder);
    expect(again.all<Thing>('things')).toEqual([{ id: 'a', name: null }, { id: 'c', name: 'c' }]);
    again.put<Thing>('things', { id: 'd' });
    expect(again.all<Thing>('things').map(({ id }) => id)).toEqual(['a', 'c', 'd']);
    again.close();
  });

  it('loses no whole line to a torn one, and goes on after it', () => {
    const folder = newFolder();
    const store = new MemoryStore(folder);
    store.put<Thing>('things', { id: 'a' });
    store.commit();
    store.close();
    appendFileSync(join(folder, 'journal.jsonl'), '[["things","torn",2,{"id":"to');
    const torn = new MemoryStore(folder);
    expect(torn.all<Thing>('things').map(({ id }) => id)).toEqual(['a']);
    torn.put<Thing>('things', { id: 'b' });
    torn.commit();
    torn.close();
    const again = new MemoryStore(folder);
    expect(again.all<Thing>('things').map(({ id }) => id)).toEqual(['a', 'b']);
    again.close();
  });

  it('refuses to start from a journal that is damaged in its midst', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'journal.jsonl'), '[["things","a",1,{"id":"a"}]]\nrubbish\n[["things","b",2,{"id":"b"}]]\n');
    expect(() => new MemoryStore(folder)).toThrow('a line in the midst of it cannot be read');
  });

  it('is written anew when it has outgrown what it holds, and holds the same', () => {
    const folder = newFolder();
    const store = new MemoryStore(folder);
    const name = 'x'.repeat(100_000);
    for (let round = 0; round < 200; round += 1) {
      store.put<Thing>('things', { id: `thing${round % 3}`, name: `${round}${name}` });
      store.commit();
    }
    store.close();
    expect(readFileSync(join(folder, 'journal.jsonl')).length).toBeLessThan(16 * 1024 * 1024);
    const again = new MemoryStore(folder);
    expect(again.all<Thing>('things').map(({ id, name: text }) => [id, text?.slice(0, 3)])).toEqual([['thing0', '198'], ['thing1', '199'], ['thing2', '197']]);
    again.close();
  });
});

it('finds one among many records without looking at the others, whatever changes between', () => {
  const index = new RecordIndex();
  let lookedAt = 0;
  function* entries(): Generator<{ record: Thing }> {
    for (let each = 0; each < 100; each += 1, lookedAt += 1) yield { record: { id: `thing${each}`, name: `name${each % 10}` } };
  }
  const find = (name: string): string[] => [...index.find('things', 'name', name, entries)];
  expect(find('name7')).toHaveLength(10);
  for (let each = 0; each < 10; each += 1) {
    index.change('things', { id: `thing${each}`, name: `name${each}` } as Thing, { id: `thing${each}`, name: 'other' } as Thing);
    expect(find(`name${each}`)).toHaveLength(9);
    expect(find('other')).toHaveLength(each + 1);
  }
  expect(lookedAt).toBe(100);
});
