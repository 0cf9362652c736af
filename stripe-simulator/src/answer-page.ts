import type { OpenSimulation } from './open-simulation.ts';
import type { PageAnswer, PageRoute } from './page-route.ts';
import type { Router } from './router.ts';
import { StripeError } from './stripe-error.ts';

interface PageRequest {
  method: string;
  pathname: string;
  query: string;
  body: string;
  origin: string;
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Answers a page for people; a refusal is a plain page that says why. @throws whatever is not a refusal. */
export function answerPage(simulation: OpenSimulation, router: Router<PageRoute>, request: PageRequest): PageAnswer {
  const match = router.find(request.method, request.pathname);
  if (match === null) return plainPage(404, 'There is no such page in this simulation of Stripe.');
  const form = Object.fromEntries(new URLSearchParams(request.method === 'GET' ? request.query : request.body));
  const call = { simulation, path: match.path, form, origin: request.origin };
  try {
    return withHeaders(simulation.transaction(null, () => match.route.run(call)));
  } catch (error) {
    if (error instanceof StripeError) return match.route.refused === undefined ? plainPage(error.status, error.message) : withHeaders(match.route.refused(call, error));
    throw error;
  }
}

function withHeaders(answer: PageAnswer): PageAnswer {
  return { ...answer, headers: { ...HEADERS, ...answer.headers } };
}

function plainPage(status: number, message: string): PageAnswer {
  const shown = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { status, headers: HEADERS, body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Simulated Stripe</title><body style="font:16px/1.5 system-ui;margin:4rem auto;max-width:36rem"><h1>Simulated Stripe</h1><p>${shown}</p></body></html>` };
}
