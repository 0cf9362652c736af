/** A minute of chaos in every test run: separate processes killed -9, wires that lose and repeat, Stripe failing. `npm run chaos` runs as long as one likes. */
import { beforeAll, expect, it } from 'vitest';
import { build } from '../built.ts';
import { verdict } from './chaos-report.ts';
import { runChaos } from './run-chaos.ts';
import { DEFAULT_SCENARIO } from './scenario.ts';

const FAULT_SECONDS = 60;

beforeAll(build);

it('after a minute of kills and broken wires each unit is spooled = stored = rolled up = sent = billed, once', async ({ signal }) => {
  const report = await runChaos({ ...DEFAULT_SCENARIO, seed: 5, faultSeconds: FAULT_SECONDS, settleSeconds: 300, killEveryMs: [1_200, 3_000] }, { signal });
  expect(report.differences, verdict(report)).toEqual([]);
  // Otherwise nothing was shown.
  const injected = new Map(report.injected);
  for (const part of ['usage', 'billing', 'gateway', 'postgres', 'agents']) expect(injected.get(`kill -9: ${part}`), part).toBeGreaterThan(0);
  for (const fault of ['lostReply', 'duplicate', 'lateDuplicate', 'delay', 'reset']) expect(injected.get(`gateway: ${fault}`), fault).toBeGreaterThan(0);
  expect(report.reports).toBeGreaterThan(500);
}, 1_200_000);
