import { setTimeout as pause } from 'node:timers/promises';
import type { SubgraphRequest } from '@iotistic/chassis/subgraph-executor';
import { AppError } from '@iotistic/contracts/errors';
import { getOperationAST, Kind, OperationTypeNode, parse } from 'graphql';

/** Mutations that come to the same when they are carried out twice: a report is known by its id, a license is fetched. */
const REPEATABLE_MUTATIONS = new Set(['reportUsage', 'fetchLicense']);
const REPEAT_AFTER_MS = 25;
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const CUT_OFF = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Whether no byte of the request left: there was no connection for it. */
function wasNeverSent(error: unknown): boolean {
  return NEVER_SENT.has(codeOf(error));
}

/**
 * Whether the connection ended before the answer did. A kept connection ends so where its other side closes it just as the request is
 * sent; so does that of a process which dies while it carries the request out.
 */
function wasCutOff(error: unknown): boolean {
  // A balancer between us says the same by a page of its own.
  return CUT_OFF.has(codeOf(error)) || (error instanceof AppError && error.reason === 'SUBGRAPH_UNAVAILABLE');
}

/** Whether the request may be carried out twice. Looked at only where one failed. */
export function isRepeatable({ query, operationName }: SubgraphRequest): boolean {
  const operation = getOperationAST(parse(query, { noLocation: true }), operationName);
  if (!operation) return false;
  if (operation.operation !== OperationTypeNode.MUTATION) return true;
  return operation.selectionSet.selections.every((field) => field.kind === Kind.FIELD && REPEATABLE_MUTATIONS.has(field.name.value));
}

/**
 * Sends it, and once more where that is right, when the other connections to a process that ended are known to be lost as well.
 * @param mayRepeat asked where the connection was lost while the request was under way.
 */
export async function sendTwice<T>(send: () => Promise<T>, mayRepeat: () => boolean, signal: AbortSignal): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (signal.aborted || !(wasNeverSent(error) || (wasCutOff(error) && mayRepeat()))) throw error;
    await pause(REPEAT_AFTER_MS);
    return send();
  }
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const found = code ?? cause?.code;
  return typeof found === 'string' ? found : '';
}
