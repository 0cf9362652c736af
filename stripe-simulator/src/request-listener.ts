import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerControl } from './control/answer-control.ts';
import type { ControlRoute, Controls } from './control/control-routes.ts';
import { readBody } from './decode.ts';
import type { PageRoute } from './page-route.ts';
import { answerPage } from './answer-page.ts';
import { answerApi, type Pipeline } from './pipeline.ts';
import type { Router } from './router.ts';
import { StripeError } from './stripe-error.ts';

export interface Doors {
  pipeline: Pipeline;
  pages: Router<PageRoute>;
  controls: Controls;
  controlRouter: Router<ControlRoute>;
  log: (message: string, fields: Record<string, unknown>) => void;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
  cut?: boolean;
}

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** Three doors on one port: the API (`/v1`, `/v2`), the controls (`/_sim`), and the pages for people. */
export function requestListener(doors: Doors): RequestListener {
  return (request, response) => {
    answer(doors, request)
      .then((given) => send(response, given))
      .catch((error: unknown) => {
        doors.log('a request to the simulator failed', { error, url: request.url });
        send(response, failed(error));
      });
  };
}

async function answer(doors: Doors, request: IncomingMessage): Promise<Answer> {
  const [pathname = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const method = request.method ?? 'GET';
  const { headers } = request;
  const body = await readBody(request);
  const origin = `http://${headers.host ?? '127.0.0.1'}`;
  if (/^\/v[12]\//.test(pathname)) {
    const given = await answerApi(doors.pipeline, { method, pathname, query, headers, body, origin });
    return { ...given, headers: { ...JSON_HEADERS, ...given.headers } };
  }
  if (pathname.startsWith('/_sim/')) return { ...(await answerControl(doors.controlRouter, doors.controls, { method, pathname, headers, body })), headers: JSON_HEADERS };
  const page = answerPage(doors.pipeline.simulation, doors.pages, { method, pathname, query, body: body.toString('utf8'), origin });
  return { ...page, body: await page.body };
}

function send(response: ServerResponse, { status, headers, body, cut }: Answer): void {
  if (cut === true) response.destroy();
  else if (!response.headersSent) response.writeHead(status, headers).end(body);
}

function failed(error: unknown): Answer {
  const refusal = error instanceof StripeError ? error : new StripeError('api_error', 500, 'An unknown error occurred');
  return { status: refusal.status, headers: { ...JSON_HEADERS, connection: 'close' }, body: JSON.stringify(refusal.body('')) };
}
