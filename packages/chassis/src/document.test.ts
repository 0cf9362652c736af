import { describe, expect, it } from 'vitest';
import { nestsDeeper, parseDocument } from './document.ts';

const LIMITS = { characters: 20_000, tokens: 500, nesting: 20 };
const refusalOf = (text: string): { reason?: string; message: string } => {
  try {
    parseDocument(text, LIMITS);
    return { message: 'none' };
  } catch (error) {
    return error as Error;
  }
};

describe('a document is refused before it is read', () => {
  it.each([
    ['a list', `{ a(b: ${'['.repeat(2_100)}${']'.repeat(2_100)}) }`],
    ['an object', `{ a(b: ${'{c: '.repeat(2_100)}1${'}'.repeat(2_100)}) }`],
    ['a type', `query ($v: ${'['.repeat(2_100)}Int${']'.repeat(2_100)}) { a }`],
    ['selections', `${'{ a '.repeat(2_100)}${'}'.repeat(2_100)}`],
    ['brackets that never close', '{ a(b: [[[[[[[[[[[[[[[[[[[[[['],
    ['brackets behind a text and a comment', `{ a(b: "\\"", c: """ \\""" " """) # "\n { ${'[ '.repeat(30)} } }`],
  ])('for %s that nests too deep', (_name, text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'INVALID_INPUT', reason: 'QUERY_TOO_DEEP' });
  });

  it('for its length, in characters and in tokens', () => {
    expect(refusalOf(`{ a } #${'x'.repeat(20_000)}`)).toMatchObject({ reason: 'QUERY_TOO_LONG' });
    expect(refusalOf(`{ ${'a '.repeat(600)} }`)).toMatchObject({ reason: 'QUERY_TOO_LONG' });
  });
});

describe('brackets', () => {
  it.each([
    ['{ a(b: "[[[[[[") }', 3, false],
    ['{ a(b: """ [[[ \\""" [[[ """) }', 3, false],
    ['{ a } # [[[[[[\r\n', 3, false],
    ['{ a(b: "\\\\") { c(d: [[1]]) } }', 5, false],
    ['{ a(b: "\\\\") { c(d: [[1]]) } }', 4, true],
    ['{ a { c(d: [[1]]) } }', 4, true],
    ['{ a } { a } { a } { a }', 1, false],
  ])('of %s: are more than %i open at once? %s', (text, maximum, expected) => {
    expect(nestsDeeper(text, maximum)).toBe(expected);
  });
});

describe('what does not parse', () => {
  it.each([
    '{ logIn(password "s3cret") }',
    '{ logIn(password: s3cret s3cret) }',
    '{ a(b: "s3cret }',
    '{ a(b: "\\us3cret") }',
    '{ a b: 12s3cret }',
    '{ a(b: """s3cret""" """s3cret""") }',
    '"s3cret" { a }',
  ])('is not repeated: %s', (text) => {
    expect(refusalOf(text).message).toMatch(/^Syntax Error/);
    expect(refusalOf(text).message).not.toContain('s3cret');
  });
});
