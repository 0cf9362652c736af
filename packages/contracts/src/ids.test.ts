import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase32, derivedId, encodeBase32, instanceId, isId, newId } from './ids.ts';

const bytes = fc.uint8Array({ minLength: 0, maxLength: 40 });

describe('base 32', () => {
  it.each([
    ['', ''],
    ['f', 'co'],
    ['fo', 'cpng'],
    ['foo', 'cpnmu'],
    ['foob', 'cpnmuog'],
    ['fooba', 'cpnmuoj1'],
    ['foobar', 'cpnmuoj1e8'],
  ])('%j is %s, as RFC 4648 has it', (text, encoded) => {
    expect(encodeBase32(Buffer.from(text))).toBe(encoded);
  });

  it('gives back what was put in', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(decodeBase32(encodeBase32(value))).toEqual(Uint8Array.from(value));
      }),
    );
  });

  it('sorts as its bytes do', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 15, maxLength: 15 }), fc.uint8Array({ minLength: 15, maxLength: 15 }), (a, b) => {
        const [left, right] = [encodeBase32(a), encodeBase32(b)];
        expect(Math.sign(Buffer.compare(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
    );
  });

  it.each(['w', 'A', '0-', 'é'])('has no character %j', (text) => {
    expect(decodeBase32(text)).toBeNull();
  });
});

describe('ids', () => {
  it('are told by their prefix and form', () => {
    const id = newId('cust');
    expect(id).toMatch(/^cust_[0-9a-v]{24}$/);
    expect(isId('cust', id)).toBe(true);
    for (const other of [`${id}0`, id.slice(0, -1), id.toUpperCase(), id.replace('cust_', 'user_'), `cust_${'w'.repeat(24)}`, '', 'cust_']) expect(isId('cust', other), other).toBe(false);
  });

  it('that are new never meet', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newId('lic'))).size).toBe(1_000);
  });

  it('that are derived are the same wherever they are derived, and for these parts only', () => {
    expect(derivedId('subn', 'cust_a')).toBe(derivedId('subn', 'cust_a'));
    expect(derivedId('subn', 'cust_a')).toBe('subn_6kaghh211v17eqobh7ms5jf6');
    const ids = [derivedId('subn', 'a'), derivedId('lic', 'a'), derivedId('subn', 'b'), derivedId('subn', 'a', ''), derivedId('subn', 'a', 'b'), derivedId('subn', 'ab'), derivedId('subn', 'a","b')];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(isId(id.startsWith('lic') ? 'lic' : 'subn', id)).toBe(true);
  });

  it('of an instance belong to its customer', () => {
    expect(instanceId('cust_a', 'site-1')).toBe(derivedId('inst', 'cust_a', 'site-1'));
    expect(instanceId('cust_a', 'site-1')).not.toBe(instanceId('cust_b', 'site-1'));
  });
});
