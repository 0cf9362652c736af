import type { LicensingApp } from '../app.ts';
import type { LicenseRow, Standing } from '../repository/licenses.ts';

/** How long the first read after a sign-up waits for the license that is on its way. */
const FIRST_LICENSE_WITHIN_MS = 1_000;

/**
 * The customer's license in force, wherever on its calendar it is; null past the calendar's end, and for a customer that
 * never got one. A customer that was not heard of yet may have signed up in this very request: its first license is
 * waited for, and this is the only query that waits.
 */
export async function findLicense(app: Pick<LicensingApp, 'clock' | 'loaders' | 'live'>, customerId: string): Promise<LicenseRow | null> {
  const { license } = await findStanding(app, customerId);
  return license !== null && app.clock.now() < license.unlicensedFrom ? license : null;
}

/** What a customer has; one that was not heard of yet may have signed up this moment, and its first license is waited for. */
export async function findStanding(app: Pick<LicensingApp, 'loaders' | 'live'>, customerId: string): Promise<Standing> {
  const standing = await app.loaders.standings.load(customerId);
  return standing.known ? standing : waitForFirstLicense(app, customerId);
}

async function waitForFirstLicense(app: Pick<LicensingApp, 'loaders' | 'live'>, customerId: string): Promise<Standing> {
  let timer: NodeJS.Timeout | undefined;
  let stopListening: () => void = () => undefined;
  const issued = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FIRST_LICENSE_WITHIN_MS);
    stopListening = app.live.subscribe(`license:${customerId}`, () => resolve());
  });
  try {
    // Read after listening began: what was issued before is there, what is issued later is heard.
    const standing = await app.loaders.standings.load(customerId);
    if (standing.known) return standing;
    await issued;
    return await app.loaders.standings.load(customerId);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
