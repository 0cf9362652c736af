import { setTimeout as pause } from 'node:timers/promises';

/** Longer than the events of a sign-up take to all subgraphs, on a machine that has other work too. */
const HEARD_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 50;

/**
 * What another subgraph's event brings. Who has just made a customer may ask at once, before that event was handled here: it is
 * waited for, in every subgraph alike. For use cases that would answer NOT_FOUND; plain reads never wait.
 * @param find looks once. @returns null when it is not there after two seconds either
 */
export async function whenHeardOf<T>(find: () => Promise<T | null>): Promise<T | null> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const found = await find();
    if (found !== null || waitedMs >= HEARD_WITHIN_MS) return found;
    await pause(LOOK_EVERY_MS);
  }
}
