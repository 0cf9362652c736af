import { describe, expect, it } from 'vitest';
import { parseBody } from './graphql-request.ts';
import { scanMembers } from './json-scan.ts';

const NAMES = new Set(['query', 'variables']);
const textOf = (text: string, name: string): string | undefined => {
  const member = scanMembers(text, NAMES)?.get(name);
  return member === undefined ? undefined : text.slice(member.start, member.end).trim();
};

describe('members are found without being read', () => {
  it.each([
    ['{"query":"a","variables":{"b":[1,{"c":"}"}]}}', '"a"', '{"b":[1,{"c":"}"}]}'],
    [' { "variables" : { } , "query" : "\\"}{\\\\" } ', '"\\"}{\\\\"', '{ }'],
    ['{"query":"first","query":"last"}', '"last"', undefined],
    ['{"\\u0071uery":"a"}', '"a"', undefined],
    ['{"other":{"query":"inner"},"query":"a"}', '"a"', undefined],
    ['{"a":"query","query":1}', '1', undefined],
  ])('%s', (text, query, variables) => {
    expect([textOf(text, 'query'), textOf(text, 'variables')]).toEqual([query, variables]);
  });

  it.each(['', '[]', '"query"', '{"query":"a"', '{"query":"a"} x', '{"query":"a', '1'])(
    'none of what is no whole object: %s',
    (text) => {
      expect(scanMembers(text, NAMES)).toBeNull();
    },
  );

  it('with how many values they have, and how deep', () => {
    expect(
      scanMembers(`{"variables":{"a":[${Array(500).fill('{}').join(',')}],"b":[[[1]]]}}`, NAMES)?.get('variables'),
    ).toMatchObject({ values: 1 + 1 + 500 + 499 + 1 + 3, depth: 4 });
  });
});

describe('a large body', () => {
  const padded = (members: string): ReturnType<typeof parseBody> =>
    parseBody(Buffer.from(`{${members},"padding":"${'x'.repeat(8_000)}"}`));
  const reasonOf = (members: string): string => {
    try {
      padded(members);
      return 'ok';
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };

  it('is the same request as a small one, its variables unread', () => {
    expect(padded('"query":"{ a }","operationName":"b","variables":{"c":1}')).toEqual({
      query: '{ a }',
      sha256: null,
      operationName: 'b',
      variables: {},
      unread: { text: '{"c":1}', values: 1, depth: 1 },
    });
    expect(padded('"query":"{ a }","variables":null')).toEqual({
      query: '{ a }',
      sha256: null,
      operationName: null,
      variables: {},
      unread: null,
    });
  });

  it.each([
    ['"query":7', 'MALFORMED_REQUEST'],
    ['"query":{"a":[1,2]}', 'MALFORMED_REQUEST'],
    ['"query":"{ a }","variables":[1]', 'MALFORMED_REQUEST'],
    ['"query":"{ a }","variables":"x"', 'MALFORMED_REQUEST'],
    ['"query":"{ a }","operationName":[1]', 'MALFORMED_REQUEST'],
    ['"query":"\\x"', 'MALFORMED_JSON'],
    ['"query":', 'MALFORMED_JSON'],
    ['"variables":{}', 'MALFORMED_REQUEST'],
  ])('is refused as a small one is: %s', (members, reason) => {
    expect(reasonOf(members)).toBe(reason);
  });

  it('that is a list, or nothing whole, is refused', () => {
    for (const [body, reason] of [
      [`[${'{},'.repeat(3_000)}{}]`, 'BATCHING_NOT_SUPPORTED'],
      ['{"a":'.repeat(3_000), 'MALFORMED_JSON'],
      [`"${'x'.repeat(9_000)}"`, 'MALFORMED_JSON'],
    ] as const) {
      expect(() => parseBody(Buffer.from(body))).toThrow(expect.objectContaining({ reason }) as Error);
    }
  });
});
