import { setTimeout as wait } from 'node:timers/promises';
import type { DemoArchive } from './demo-archive.ts';
import type { DemoClient } from './demo-client.ts';
import type { DemoState } from './demo-file.ts';

/** What the customers' lives are lived with. */
export interface DemoStage {
  url: string;
  stripeUrl: string;
  anyone: DemoClient;
  operator: DemoClient;
  state: DemoState;
  /** What its clusters sent, as their agents keep it. */
  archive: DemoArchive;
  /** Puts the state on the disk. */
  save: () => void;
  now: () => Date;
  signal: AbortSignal;
}

const SOON_MS = 50;
const PATIENCE_MS = 60_000;

/** Asks until it is so. @throws Error with these words when it is not so in time. */
export async function until(stage: Pick<DemoStage, 'signal'>, isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let waitedMs = 0; !(await isSo()); waitedMs += SOON_MS) {
    if (waitedMs >= PATIENCE_MS) throw new Error(otherwise);
    await wait(SOON_MS, undefined, { signal: stage.signal });
  }
}
