import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { decodeJson } from '../decode.ts';
import type { Router } from '../router.ts';
import { StripeError } from '../stripe-error.ts';
import { ControlError } from './control-error.ts';
import type { ControlRoute, Controls } from './control-routes.ts';

interface ControlRequest {
  method: string;
  pathname: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface ControlAnswer {
  status: number;
  body: string;
}

/** Answers one of the simulator's own controls, in JSON. They have no credential: a browser's page from elsewhere is kept out by the content type. @throws whatever is not a refusal. */
export async function answerControl(router: Router<ControlRoute>, controls: Controls, request: ControlRequest): Promise<ControlAnswer> {
  try {
    const match = router.find(request.method, request.pathname);
    if (match === null) throw new ControlError(404, `there is no control ${request.method} ${request.pathname}`);
    if (request.method === 'POST' && !(request.headers['content-type'] ?? '').startsWith('application/json')) throw new ControlError(415, 'send content-type: application/json');
    const parsed = match.route.body.safeParse(decodeJson(request.body.toString('utf8')));
    if (!parsed.success) throw new ControlError(400, z.prettifyError(parsed.error));
    return { status: 200, body: JSON.stringify(await match.route.run(controls, parsed.data, match.path)) };
  } catch (error) {
    if (error instanceof ControlError) return { status: error.status, body: JSON.stringify({ error: { message: error.message } }) };
    if (error instanceof StripeError) return { status: error.status, body: JSON.stringify({ error: { message: error.message, type: error.type, ...error.details } }) };
    throw error;
  }
}
