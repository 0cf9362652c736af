import { type Clock, systemClock } from '@iotistic/chassis/clock';

/** The plane's time is worth a line from so many milliseconds on. */
const MOVED_MS = 60_000;

/** What a person reads after the start: what to open, and the first thing to try. */
export function bannerOf(plane: { url: string; dataDir: string; adminTokenFile: string | null; startedInMs: number; stripeUrl: string | null; mail: string; clock: Clock }): string {
  const socket = plane.url.replace(/^http/, 'ws');
  return `
Iotistic control plane, ready after ${(plane.startedInMs / 1000).toFixed(1)} s

  Overview      ${plane.url}/
  GraphQL       ${plane.url}/graphql   (live: ${socket}/graphql)
  License keys  ${plane.url}/.well-known/jwks.json
  Health        ${plane.url}/readyz   ${plane.url}/metrics
  Admin token   ${plane.adminTokenFile ?? 'as given in ADMIN_API_TOKEN'}
  Stripe        ${plane.stripeUrl === null ? 'your account' : `simulated, no money moves: ${plane.stripeUrl}`}
  Mail          ${plane.mail}
  Data          ${plane.dataDir}${movedTime(plane.clock.now())}

Try next: sign up, and hold a signed license.

  curl -s ${plane.url}/graphql -H 'content-type: application/json' -d '{"query":"mutation { signUp(input: { email: \\"ada@example.com\\", password: \\"correct horse\\", companyName: \\"Acme Corp\\" }) { customer { id subscription { plan { name } status trialEndsAt } license { expiresAt token } } session { token } } }"}'

Ctrl-C ends it.
`;
}

/** A simulated Stripe's time can be moved, and the plane's with it. */
function movedTime(now: Date): string {
  const isMoved = Math.abs(now.getTime() - systemClock.now().getTime()) > MOVED_MS;
  return isMoved ? `\n  Time          ${now.toISOString()}, moved by /_sim/time` : '';
}
