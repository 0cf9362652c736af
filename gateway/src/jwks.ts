import type { Route } from '@iotistic/chassis/http-server';
import type { SigningKeys } from './signing-keys.ts';

/** The keys that licenses verify with, as any JWT library reads them. */
export function jwksRoute(keys: SigningKeys): Route {
  return async ({ headers: asked }) => {
    const { jwks, etag } = await keys.current();
    const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*', etag };
    return asked['if-none-match'] === etag ? { status: 304, headers } : { headers, body: jwks };
  };
}
