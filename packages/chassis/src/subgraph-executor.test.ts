import { describe, expect, it } from 'vitest';
import { anyone } from './access.ts';
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
