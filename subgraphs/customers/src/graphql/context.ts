import type { SubgraphContext } from '@iotistic/chassis/subgraph-executor';

/** What resolvers know of the request: who asks, and its id. */
export type Context = SubgraphContext;
