/** A planted bug whose place is gone would plant nothing, and its run would show nothing: seen here, at once, and not in the run. */
import { describe, expect, it } from 'vitest';
import { INVARIANTS } from './invariants.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { compileEdits, timesFound } from './planted-product.ts';

describe('the planted bugs', () => {
  it('are a dozen at least, each of its own name', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(12);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
  });

  it.each(PLANTED_BUGS)('$name has its place in the sources, once, and compiles', ({ edits, breaks }) => {
    expect(edits.map((edit) => [edit.file, edit.find, timesFound(edit)])).toEqual(edits.map(({ file, find }) => [file, find, 1]));
    for (const [file, code] of compileEdits(edits)) expect(code, file).not.toMatch(/from ['"]\.[^'"]*\.ts['"]/);
    expect(breaks.filter((invariant) => INVARIANTS[invariant] === undefined)).toEqual([]);
    expect(breaks.length).toBeGreaterThan(0);
  });

  it('sees a place that is gone, and one that is there twice', () => {
    const file = 'e2e/chaos/planted-product.ts';
    expect(timesFound({ file, find: 'nowhere'.repeat(2), replace: '' })).toBe(0);
    expect(timesFound({ file, find: 'import ', replace: '' })).toBeGreaterThan(1);
    expect(() => compileEdits([{ file, find: 'import ', replace: '' }])).toThrow('times: import');
    expect(() => compileEdits([{ file, find: 'nowhere'.repeat(2), replace: '' }])).toThrow('0 times');
  });
});
