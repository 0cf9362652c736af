/** The board of the job queues, in a real browser, before the whole plane. */
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { findChromium, startBrowser, type TestBrowser } from '@iotistic/testkit/browser';
import { createJobs, type Jobs } from '@iotistic/chassis/jobs';
import { createLog } from '@iotistic/chassis/log';
import { waitFor } from '@iotistic/testkit/wait';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
const chromium = findChromium();
if (chromium === null) process.stdout.write('Without a Chromium on the PATH the board of queues is not looked at: its browser test is skipped.\n');

let booted: BootedPlane;
let jobs: Jobs;
beforeAll(async () => {
  booted = await bootPlane();
  jobs = await createJobs({ databaseUrl: booted.databaseUrl, redisUrl: process.env['TEST_REDIS_URL'] === '' ? undefined : process.env['TEST_REDIS_URL'], log: createLog({ level: 'warn', name: 'queues-e2e' }) });
});
afterAll(async () => {
  await jobs.close();
  await booted.stop();
});

interface Stats {
  name: string;
  waiting: number;
  active: number;
  completed: number;
  failed: number;
  delayed: number;
}

it('queueStats counts the jobs of every queue of the plane, whichever part works it', async () => {
  await booted.client.ask('mutation { signUp(input: { email: "queues@example.com", password: "correct horse" }) { customer { license { id } } } }');
  const read = async (): Promise<Map<string, Stats>> => new Map((await booted.admin.ask<{ queueStats: Stats[] }>('{ queueStats { name waiting active completed failed delayed } }')).queueStats.map((stats) => [stats.name, stats]));
  await waitFor(async () => {
    const stats = await read();
    for (const name of ['customers-events', 'billing-events', 'billing-schedule', 'licensing-events', 'usage-events']) expect([...stats.keys()]).toContain(name);
    expect(stats.get('billing-events')?.completed).toBeGreaterThanOrEqual(1);
  }, { interval: 100 });
});

describe.skipIf(chromium === null)('in a browser', () => {
  let browser: TestBrowser;
  let page: Page;
  let isMended = false;
  beforeAll(async () => {
    browser = await startBrowser(chromium ?? '');
    page = await browser.context.newPage();
    jobs.work('letters', () => (isMended ? Promise.resolve() : Promise.reject(new Error('the ink ran out'))));
    await jobs.boardQueue('letters').add('letter', { to: 'Ada' }, { jobId: 'letter-1', attempts: 1 });
    await waitFor(async () => expect(await jobs.counts('letters')).toMatchObject({ failed: 1 }), { interval: 100 });
  });
  afterAll(() => browser.stop());

  it('an operator logs in, finds a failed job and runs it again, and nothing outside is asked for', async () => {
    await page.goto(`${booted.plane.url}/admin/queues`);
    await page.getByLabel('Admin token').fill('not-the-admin-token');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Admin token').fill(booted.plane.adminToken);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('billing-events').first().waitFor();
    await page.getByText('usage-schedule').first().waitFor();
    await screenshot('overview');
    await page.goto(`${booted.plane.url}/admin/queues/queue/letters?status=failed`);
    await page.getByText('the ink ran out').first().waitFor();
    await screenshot('failed');
    isMended = true;
    await page.getByRole('button', { name: 'Retry all' }).click();
    await page.getByRole('dialog').or(page.getByRole('alertdialog')).getByRole('button', { name: 'Confirm' }).click();
    await waitFor(async () => expect(await jobs.counts('letters')).toMatchObject({ failed: 0, completed: 1 }), { interval: 100 });
    await page.goto(`${booted.plane.url}/admin/queues/log-out`);
    await page.getByLabel('Admin token').waitFor();
    expect(browser.asked.filter((url) => new URL(url).origin !== booted.plane.url)).toEqual([]);
    expect(browser.asked.some((url) => url.includes('/admin/queues/static/'))).toBe(true);
  });

  /** For who wants to look: BROWSER_SCREENSHOTS names a folder. */
  async function screenshot(name: string): Promise<void> {
    const folder = process.env['BROWSER_SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
  }
});
