import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAIN_COUNTS, CHAIN_START, chainHash, type ChainedReport, isChainHash } from './report-chain.ts';

const first: ChainedReport = { sequence: 1, startMs: 1_795_262_400_000, endMs: 1_795_266_000_000, counts: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], previousHash: CHAIN_START };

describe('the hash of a report', () => {
  it('is the one that an agent in another language comes to', () => {
    expect(chainHash(first)).toBe('c7efd85fc2ce2e7a5817aecdcf667253');
    expect(chainHash({ ...first, sequence: 2, counts: CHAIN_COUNTS.map(() => 0), previousHash: chainHash(first) })).toBe('cedb33df9e9870badc5896c90a6dac81');
  });

  it('has the form of one, and nothing else has', () => {
    expect([CHAIN_START, chainHash(first)].every(isChainHash)).toBe(true);
    expect(['', '0'.repeat(31), '0'.repeat(33), 'A'.repeat(32), `${CHAIN_START}\n`].some(isChainHash)).toBe(false);
  });

  it('is another one when any number, time, place or predecessor is', () => {
    const whole = fc.nat(2 ** 40);
    const report = fc.record({ sequence: whole, startMs: whole, endMs: whole, counts: fc.array(whole, { minLength: 11, maxLength: 11 }), previousHash: fc.constantFrom(CHAIN_START, chainHash(first)) });
    fc.assert(
      fc.property(report, fc.nat(13), (one, field) => {
        const changed = { ...one, counts: one.counts.map((count, index) => (index === field ? count + 1 : count)) };
        if (field === 11) changed.sequence += 1;
        if (field === 12) changed.startMs += 1;
        if (field === 13) changed.endMs += 1;
        expect(chainHash(changed)).not.toBe(chainHash(one));
        expect(chainHash({ ...one, previousHash: chainHash(one) })).not.toBe(chainHash(one));
      }),
    );
  });
});
