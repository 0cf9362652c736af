import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

export interface TestBrowser {
  context: BrowserContext;
  /** Every address that a page asked for, or tried to, in order; those of data: and blob: left out. */
  asked: string[];
  stop(): Promise<void>;
}

/** Nothing that Chromium does by itself reaches for a network. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** The Chromium of this machine, as Debian and others name it; null without one. In CI there has to be one. @throws Error */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not here.
      }
    }
  }
  if (environment['CI'] !== undefined) throw new Error('there is no Chromium on the PATH, and in CI nothing is left out');
  return null;
}

/** A browser that nobody used before. */
export async function startBrowser(executablePath: string): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'iotistic-browser-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS, viewport: { width: 1_280, height: 800 } });
  const asked: string[] = [];
  context.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url())) asked.push(request.url());
  });
  return {
    context,
    asked,
    async stop() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
