import { createHash } from 'node:crypto';
import type { HttpAnswer } from '@iotistic/chassis/http-server';
import { PAGE_HEADERS } from './security-headers.ts';

const STYLE = 'body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto 0;padding:0 1rem;color:#1a2332;background:#fff}label{display:block}input,button{font:inherit;box-sizing:border-box;width:100%;margin-top:.4rem;padding:.5rem .7rem;border:1px solid #9aa7b8;border-radius:4px}button{margin-top:1rem;background:#1a4fa3;border-color:#1a4fa3;color:#fff}[role=alert]{color:#b3261e}@media(prefers-color-scheme:dark){body{color:#dbe2ea;background:#11161d}input{background:#1b232d;color:inherit}[role=alert]{color:#ff8a80}}';
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`;

/** Without a referrer a browser sends no origin with a form either, and we could not tell our own page from another's. */
export const OWN_REFERRER = { 'referrer-policy': 'same-origin' } as const;

/** Asks a person for the operator's token. @param problem why the last one did not do; words of ours. */
export function logInPage(status: number, problem?: string): HttpAnswer {
  const alert = problem === undefined ? '' : `<p role="alert">${problem}</p>\n`;
  return {
    status,
    headers: { ...PAGE_HEADERS, 'content-security-policy': POLICY, 'cache-control': 'no-store', ...OWN_REFERRER },
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Iotistic queues</title>
<style>${STYLE}</style>
<h1>Job queues</h1>
${alert}<form method="post" action="/admin/queues/log-in">
<label>Admin token<input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button>Log in</button>
</form>
</html>
`,
  };
}
