import type { Log } from '@iotistic/chassis/log';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { print } from 'graphql';
import type { Operation } from './documents.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { LiveGroup, type LiveSink } from './live-group.ts';
import type { Planner } from './planner.ts';
import { liveScopeOf } from './live-scope.ts';
import type { SubgraphLink } from './subgraph-link.ts';

/** Live operations of all clients of this gateway, whatever door they came by. */
export interface FederatedSubscriptions {
  /**
   * Feeds the sink until it leaves, by calling what is returned. What the subgraph refuses arrives as a result with
   * errors, and completes.
   * @throws AppError CREDENTIAL_REQUIRED without a caller.
   */
  join(operation: Operation, variables: Record<string, unknown>, caller: Caller, sink: LiveSink): () => void;
  close(): void;
}

export function createFederatedSubscriptions(options: { planner: Planner; links: ReadonlyMap<string, SubgraphLink>; metrics: GatewayMetrics; log: Log }): FederatedSubscriptions {
  const groups = new Map<string, LiveGroup>();
  const texts = new WeakMap<Operation, string>();

  function textOf(operation: Operation): string {
    const known = texts.get(operation);
    if (known !== undefined) return known;
    const text = `${operation.name ?? ''}\0${print(operation.document)}`;
    texts.set(operation, text);
    return text;
  }

  function groupOf(operation: Operation, variables: Record<string, unknown>, caller: Caller): LiveGroup {
    const scope = liveScopeOf(caller);
    const declared = declaredVariables(operation, variables);
    const key = `${scope.key}\0${stableJson(declared)}\0${textOf(operation)}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const plan = options.planner.planOf(operation);
    const link = options.links.get(plan.subgraph);
    if (link === undefined) throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE');
    const group = new LiveGroup({ plan, variables: declared, scope, link, metrics: options.metrics, log: options.log, onEnd: () => groups.delete(key) });
    groups.set(key, group);
    group.start();
    return group;
  }

  return {
    join(operation, variables, caller, sink) {
      if (caller.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
      const group = groupOf(operation, variables, caller);
      group.add(sink);
      return () => group.remove(sink);
    },
    close() {
      for (const group of groups.values()) group.end();
    },
  };
}

/** What the operation does not declare cannot change its answer. */
function declaredVariables(operation: Operation, variables: Record<string, unknown>): Record<string, unknown> {
  const names = (operation.node.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return Object.fromEntries(names.filter((name) => variables[name] !== undefined).map((name) => [name, variables[name]]));
}

/** The same text for the same values, whatever order their names came in. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part));
}
