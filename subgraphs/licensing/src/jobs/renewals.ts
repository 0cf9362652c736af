import type { LicensingApp } from '../app.ts';
import { renewDueLicenses } from '../service/renew-license.ts';

const EVERY_MS = 5_000;

/** Looks for leases that are due, now and every few seconds; the answer stops it, and resolves when the last look has ended. */
export function startRenewals(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signer' | 'log'>): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> | null = null;

  async function renewAll(): Promise<void> {
    try {
      while (!stopped && (await renewDueLicenses(app)) > 0);
    } catch (err) {
      if (!stopped) app.log.warn({ err }, 'licenses wait to be renewed');
    }
  }

  function look(): void {
    running ??= renewAll().finally(() => {
      running = null;
    });
  }

  const timer = setInterval(look, EVERY_MS);
  look();
  return async () => {
    stopped = true;
    clearInterval(timer);
    await running;
  };
}
