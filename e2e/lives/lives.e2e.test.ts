/** Lives of a year each against the simulator, while webhooks are lost and calls fail; `npm run lives` runs as many as one likes. */
import { expect, it } from 'vitest';
import { runLives } from './run-lives.ts';

it('every life ends with Stripe, the subscription and the license in agreement', async () => {
  const failed = await runLives({ firstSeed: 1, count: 12, days: 365 });
  expect(failed.map(({ seed, problems }) => ({ seed, problems }))).toEqual([]);
}, 900_000);
