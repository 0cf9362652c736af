import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@iotistic/contracts/errors';
import { errorAnswer } from './error-answer.ts';
import type { HttpAnswer, Route } from './http-server.ts';
import { type Log, withRequestId } from './log.ts';
import { toAppError } from './public-error.ts';

/** A request that was received elsewhere, whole. */
export interface ReceivedRequest {
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  requestId: string;
}

/** The same routes, which answer an error instead of throwing it: whoever calls them without a server has what one would send. */
export function guardRoutes(routes: Readonly<Record<string, Route>>, log: Log): Record<string, Route> {
  const guarded = (route: Route): Route => (request) =>
    withRequestId(request.requestId, async () => {
      try {
        return await route(request);
      } catch (error) {
        const appError = toAppError(error);
        if (appError.code === 'INTERNAL') log.error({ err: error, requestId: request.requestId }, 'request failed');
        return errorAnswer(appError, request.requestId);
      }
    });
  return Object.fromEntries(Object.entries(routes).map(([key, route]) => [key, guarded(route)]));
}

/** Asks the route of this method and path, as its own server would. */
export async function callRoute(routes: Readonly<Record<string, Route>>, target: string, request: ReceivedRequest): Promise<HttpAnswer> {
  const [path = '/', search = ''] = target.split('?', 2);
  const route = routes[`${request.method} ${path}`];
  if (route === undefined) return errorAnswer(new AppError('NOT_FOUND', 'ROUTE_NOT_FOUND'), request.requestId);
  const body = (maxBytes = Number.POSITIVE_INFINITY): Promise<Buffer> => (request.body.length > maxBytes ? Promise.reject(new AppError('LIMIT_EXCEEDED', 'BODY_TOO_LARGE', undefined, { details: { maxBytes } })) : Promise.resolve(request.body));
  return route({ method: request.method, path, query: new URLSearchParams(search), headers: request.headers, requestId: request.requestId, body });
}
