import { ADMIN, type LicensingUnderTest, startLicensingUnderTest } from '@iotistic/testkit/licensing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const DAY_MS = 86_400_000;
let under: LicensingUnderTest;

beforeAll(async () => {
  under = await startLicensingUnderTest();
});
afterAll(() => under.close());

it('a scrape tells licenses that end from those that are to be renewed, what is overdue, and where on the calendar each is', async () => {
  await under.licensed();
  await under.licensed({ endsAt: new Date(under.clock.now().getTime() + 5 * DAY_MS).toISOString() });
  await under.licensed({ status: 'PAST_DUE', currentPeriodEndsAt: new Date(under.clock.now().getTime() - DAY_MS).toISOString() });
  const text = await under.platform.metrics.text();
  for (const line of [
    'licenses_expiring{within_days="7",renewed="true"} 0',
    'licenses_expiring{within_days="7",renewed="false"} 1',
    // More than thirty days are left of every lease that goes on: one that is counted here was not renewed.
    'licenses_expiring{within_days="30",renewed="true"} 0',
    'licenses{status="ACTIVE"} 2',
    'licenses{status="GRACE"} 1',
    'licenses{status="READ_ONLY"} 0',
    'renewals_overdue 0',
    'signing_keys{status="CURRENT"} 1',
  ])
    expect(text).toContain(`iotistic_licensing_${line}\n`);
  expect(text).toMatch(/iotistic_licensing_signing_key_age_seconds \d/);
  expect(text).toContain('iotistic_scrape_failures_total{reader="licenses"} 0');
});

it('an operator sees how many end within a week with their period, and that no renewal is late', async () => {
  expect(await under.read(ADMIN, '{ licensingOverview { endingSoon renewalsLate } }')).toEqual({ licensingOverview: { endingSoon: 1, renewalsLate: 0 } });
});
