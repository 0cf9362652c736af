import { createHash } from 'node:crypto';
import type { Route } from '@iotistic/chassis/http-server';
import { PAGE_HEADERS } from './security-headers.ts';

const STYLE = 'body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1a2332;background:#fff}code{background:#eef1f5;padding:.1em .3em;border-radius:3px}dt{margin-top:.8em}@media(prefers-color-scheme:dark){body{color:#dbe2ea;background:#11161d}code{background:#232c38}a{color:#8ab8ff}}';

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Iotistic control plane</title>
<style>${STYLE}</style>
<h1>Iotistic control plane</h1>
<p>One GraphQL graph over customers, billing, licensing and usage.</p>
<dl>
<dt><code>/graphql</code></dt><dd>POST and GET; WebSocket (<code>graphql-transport-ws</code>) and <code>text/event-stream</code> for subscriptions</dd>
<dt><a href="/.well-known/jwks.json"><code>/.well-known/jwks.json</code></a></dt><dd>the keys that licenses are signed with</dd>
<dt><a href="/.well-known/revocations.jwt"><code>/.well-known/revocations.jwt</code></a></dt><dd>the signed list of revoked licenses</dd>
<dt><a href="/readyz"><code>/readyz</code></a>, <a href="/healthz"><code>/healthz</code></a></dt><dd>whether everything answers; whether this process does</dd>
<dt><a href="/metrics"><code>/metrics</code></a></dt><dd>for Prometheus</dd>
</dl>
</html>
`;

/** The page's own style and nothing else may be loaded: it works without a network, and shows nobody who reads it. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** Tells a person who opens the address what is served here. */
export const homePage: Route = () => ({ headers: { ...PAGE_HEADERS, 'content-security-policy': POLICY, 'cache-control': 'no-cache' }, body: PAGE });
