import type { SubgraphContext } from '@iotistic/chassis/subgraph-executor';

export type Context = SubgraphContext;

/** A customer as usage knows it: whoever may see it. */
export interface CustomerReference {
  id: string;
}

/** An instance whose customer was checked. */
export interface InstanceReference {
  id: string;
  customerId: string;
  name: string;
}
