import type { GraphQLDataSource } from '@apollo/gateway';
import { type Caller, callerSchema, type SubgraphName } from '@iotistic/contracts/caller';
import type { Log } from '@iotistic/chassis/log';
import { errorExtensions, toAppError } from '@iotistic/chassis/public-error';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import type { SubgraphContext, SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';

/** How the gateway reaches a subgraph: in this process, or over the network. */
export interface SubgraphLink {
  readonly name: string;
  /** @throws AppError SUBGRAPH_UNAVAILABLE or SUBGRAPH_TIMEOUT when there is no answer. */
  execute(request: SubgraphRequest, context: SubgraphContext): Promise<SubgraphResponse>;
  /** A stream, or the answer that refuses it. The stream fails with UNAVAILABLE when the link is lost: subscribe again. */
  subscribe(request: SubgraphRequest, context: SubgraphContext): Promise<AsyncIterableIterator<SubgraphResponse> | SubgraphResponse>;
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

/** A subgraph of this process: the caller is handed over as it is, since nobody stands between. The subgraph stays its owner's to close. */
export function inProcessLink(subgraph: Pick<RunningSubgraph, 'name' | 'executor' | 'ready'>): SubgraphLink {
  return {
    name: subgraph.name,
    execute: (request, context) => subgraph.executor.execute(request, context),
    subscribe: (request, context) => subgraph.executor.subscribe(request, context),
    ready: () => subgraph.ready(),
    close: () => Promise.resolve(),
  };
}

/** What an operation carries through the gateway to the links. */
export interface OperationContext {
  caller: Caller;
  requestId: string;
}

/** Only this subgraph knows passwords: who signed up or logged in there is who the rest of the operation is asked by. */
const CREDENTIALS_ARE_OF: SubgraphName = 'customers';

/** A link as Apollo's executor wants it. A link that fails costs the fields behind it, not the whole answer. */
export function dataSourceOf(link: SubgraphLink, log: Log): GraphQLDataSource {
  return {
    async process({ request, context }) {
      const asking = context as OperationContext;
      const { caller, requestId } = asking;
      try {
        const response = await link.execute({ query: request.query ?? '', operationName: request.operationName, variables: request.variables }, { caller, requestId });
        if (response.caller !== undefined && link.name === CREDENTIALS_ARE_OF && caller.kind !== 'admin') asking.caller = callerSchema.parse(response.caller);
        return response as never;
      } catch (error) {
        return { errors: [failure(error, link.name, requestId, log)] } as never;
      }
    },
  };
}

/** Its path is relative to where the fetch was made, which is what the executor puts before it. */
function failure(error: unknown, subgraph: string, requestId: string, log: Log): { message: string; path: []; extensions: object } {
  const appError = toAppError(error);
  log.warn({ err: error, subgraph, requestId }, 'a subgraph did not answer');
  return { message: appError.message, path: [], extensions: errorExtensions(appError, requestId) };
}
