import type { SubgraphContext } from '@iotistic/chassis/subgraph-executor';

export type Context = SubgraphContext;

export interface CustomerReference {
  id: string;
}
