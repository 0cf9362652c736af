import type { Caller } from '@iotistic/contracts/caller';
import { describe, expect, it } from 'vitest';
import { anyone, inherit, instanceOnly, tenant } from './access.ts';
import { createLog, currentRequestId } from './log.ts';
import { createSubgraphExecutor, type SubgraphContext } from './subgraph-executor.ts';

const atHand = (): string => currentRequestId() ?? 'none';
const handedOn = (_source: unknown, _args: unknown, { requestId }: SubgraphContext): string => `${atHand()}, given ${requestId}`;
const executor = createSubgraphExecutor({
  typeDefs: 'type Query { atHand: String handedOn: String } type Mutation { change: String report: String }',
  resolvers: { Query: { atHand, handedOn }, Mutation: { change: atHand, report: handedOn } },
  access: { Query: anyone, Mutation: anyone },
  handingOnRequestId: ['handedOn', 'report'],
  createContext: (context) => context,
  log: createLog({ level: 'silent', name: 'test' }),
});
const ask = (query: string): ReturnType<typeof executor.execute> => executor.execute({ query }, { caller: { kind: 'gateway' }, requestId: 'req_1' });

describe("the request's id", () => {
  it.each([1, 2, 3, 4])('is at hand of a resolver, and only given to one that hands it on by itself (asked for the %s. time)', async () => {
    expect(await ask('{ atHand }')).toEqual({ data: { atHand: 'req_1' } });
    expect(await ask('{ handedOn }')).toEqual({ data: { handedOn: 'none, given req_1' } });
    expect(await ask('mutation { report }')).toEqual({ data: { report: 'none, given req_1' } });
  });

  it('is at hand of all where one that is asked for beside needs it', async () => {
    expect(await ask('{ handedOn atHand }')).toEqual({ data: { handedOn: 'req_1, given req_1', atHand: 'req_1' } });
    expect(await ask('mutation { report change }')).toEqual({ data: { report: 'req_1, given req_1', change: 'req_1' } });
    expect(await ask('{ handedOn ...More } fragment More on Query { atHand }')).toEqual({ data: { handedOn: 'req_1, given req_1', atHand: 'req_1' } });
  });
});

describe('a request that reaches a subgraph directly', () => {
  const SECRET = 'hunter2';
  const lines: string[] = [];
  let coerced = 0;
  const hostile = createSubgraphExecutor({
    typeDefs: `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      scalar DateTime
      enum Size { SMALL LARGE }
      type Query { thing(id: ID!, size: Size! = SMALL): Thing }
      type Mutation { reportUsage(input: ReportUsageInput!): Int }
      type Subscription { watched(id: ID!): Int }
      type Thing @key(fields: "id at") { id: ID! at: DateTime! size: Size }
      input ReportUsageInput { reports: [ReportInput!]! }
      input ReportInput { id: ID! at: DateTime! }
    `.replaceAll(/^ +/gm, ''),
    resolvers: {
      Query: { thing: (_source: unknown, args: object) => args },
      Mutation: {
        reportUsage: (_source: unknown, { input }: { input: { reports: unknown[] } }) =>
          (coerced += input.reports.length),
      },
      Thing: { __resolveReference: (reference: object) => reference },
    },
    access: {
      'Query.thing': tenant((_source, { id }: { id: string }) => id),
      Mutation: instanceOnly,
      Subscription: anyone,
      Thing: inherit,
    },
    createContext: (context) => context,
    log: createLog({ level: 'debug', name: 'test', destination: { write: (line) => void lines.push(line) } }),
  });
  const INSTANCE: Caller = { kind: 'instance', customerId: 'cust_1', credential: 'api_key', credentialId: 'akey_1' };
  const send = (
    query: string,
    variables: Record<string, unknown> = {},
    caller: Caller = INSTANCE,
  ): Promise<{ data?: unknown; errors?: readonly unknown[] }> =>
    hostile.execute({ query, variables }, { caller, requestId: 'req_1' });
  const refused = (code: string, reason: string): object => ({ errors: [{ extensions: { code, reason } }] });
  const faults = (): string[] => lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);

  it.each([1, 2, 3, 4])(
    'is authorised and bounded before its variables are read, compiled or not (asked for the %s. time)',
    async () => {
      const query = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) }';
      const before = lines.length;
      const reports = (count: number): object => ({
        input: { reports: Array.from({ length: count }, () => ({ secret: SECRET })) },
      });
      expect(await send(query, reports(20_000) as never, { kind: 'anonymous' })).toMatchObject(
        refused('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED'),
      );
      expect(await send(query, reports(20_000) as never)).toMatchObject(
        refused('INVALID_INPUT', 'INVALID_REPORT_COUNT'),
      );
      const { errors = [] } = await send(query, reports(1_000) as never);
      expect(errors).toHaveLength(5);
      expect(coerced).toBe(0);
      expect(JSON.stringify(errors)).not.toContain(SECRET);
      expect(lines.slice(before).join('').length).toBeLessThan(5_000);
      expect(lines.join('')).not.toContain(SECRET);
    },
  );

  it('is refused where its document does not parse, does not fit or nests too deep', async () => {
    expect(await send('{ thing(')).toMatchObject(refused('INVALID_INPUT', 'MALFORMED_QUERY'));
    expect(await send('{ nothing }')).toMatchObject(refused('INVALID_INPUT', 'MALFORMED_QUERY'));
    expect(await send(`{ thing(id: "${SECRET}", size: ${SECRET}) { id } }`)).toMatchObject(
      refused('INVALID_INPUT', 'MALFORMED_QUERY'),
    );
    expect(await send(`{ thing(id: ${'['.repeat(2_100)}${']'.repeat(2_100)}) { id } }`)).toMatchObject(
      refused('INVALID_INPUT', 'QUERY_TOO_DEEP'),
    );
    expect(await send('query A { thing(id: "x") { id } } query B { thing(id: "x") { id } }')).toMatchObject(
      refused('INVALID_INPUT', 'UNKNOWN_OPERATION'),
    );
    expect(lines.join('')).not.toContain(SECRET);
    expect(faults()).toEqual([]);
  });

  it.each([1, 2, 3, 4])('is refused for null where null is not allowed, once (asked for the %s. time)', async () => {
    expect(await send('query ($s: Size = LARGE) { thing(id: "cust_1", size: $s) { id } }', { s: null })).toMatchObject(
      refused('INVALID_INPUT', 'INVALID_VARIABLES'),
    );
    const watched = await hostile.subscribe(
      { query: 'subscription ($s: Boolean = true) { watched(id: 1) @include(if: $s) }', variables: { s: null } },
      { caller: INSTANCE, requestId: 'req_1' },
    );
    expect(watched).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT' } }] });
    expect(faults()).toEqual([]);
  });

  const ENTITIES =
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Thing { id } } }';
  it.each<[name: string, representations: unknown]>([
    ['an unknown type', [{ __typename: SECRET, id: 'a' }]],
    ['a type that is no entity', [{ __typename: 'Query', id: 'a' }]],
    ['no type', [{ id: 'a' }]],
    ['a type that is no text', [{ __typename: { of: SECRET } }]],
    ['a text', [SECRET]],
    ['a list', [[SECRET]]],
    ['null', [null]],
    ['null among good ones', [{ __typename: 'Thing', id: 'a', at: '2026-11-20T09:30:00.000Z' }, null]],
    ['nothing at all', null],
    ['no key', [{ __typename: 'Thing' }]],
    ['half a key', [{ __typename: 'Thing', id: 'a' }]],
    ['a key of another type', [{ __typename: 'Thing', id: { of: SECRET }, at: '2026-11-20T09:30:00.000Z' }]],
    ['a key that is no instant', [{ __typename: 'Thing', id: 'a', at: SECRET }]],
    ['too many', Array.from({ length: 20_001 }, () => ({ __typename: 'Thing' }))],
  ])('is refused for entities by %s', async (_name, representations) => {
    const answer = await send(ENTITIES, { representations });
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT' } }] });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(lines.join('')).not.toContain(SECRET);
    expect(faults()).toEqual([]);
  });

  it('is refused for entities that its document names', async () => {
    expect(await send('{ _entities(representations: [{ __typename: "Nothing" }]) { __typename } }')).toMatchObject(
      refused('INVALID_INPUT', 'INVALID_VARIABLES'),
    );
  });

  it('gives the entities that are there', async () => {
    expect(
      await send(ENTITIES, { representations: [{ __typename: 'Thing', id: 'a', at: '2026-11-20T09:30:00.000Z' }] }),
    ).toEqual({ data: { _entities: [{ id: 'a' }] } });
  });
});
