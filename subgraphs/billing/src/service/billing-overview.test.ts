import { ADMIN, type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { newId } from '@iotistic/contracts/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';

let under: BillingUnderTest;
beforeAll(async () => {
  under = await startUnderTest();
});
afterAll(() => under.close());

interface Overview {
  unpaidInvoices: number;
  metering: { waiting: number; late: number };
  mails: { waiting: number; oldestCreatedAt: string | null; failed: number; unknown: number };
}
const overview = async (): Promise<Overview> => (await under.billing.read<{ billingOverview: Overview }>(ADMIN, '{ billingOverview { unpaidInvoices metering { waiting late } mails { waiting oldestCreatedAt failed unknown } } }')).billingOverview;

it('an operator sees mails that did not go out: those that wait, and those of the last month that were given up', async () => {
  expect((await overview()).mails).toEqual({ waiting: 0, oldestCreatedAt: null, failed: 0, unknown: 0 });
  const now = under.clock.now().getTime();
  const mail = (status: string, createdMs: number): Promise<unknown> =>
    under.billing.rows(
      `insert into mails (id, key, recipient, subject, text_body, html_body, created_at, status, attempts, next_attempt_at)
       values ($1, $1, 'ada@example.com', 's', 't', 'h', $2, $3, 1, $4) returning id`,
      [newId('mail'), new Date(createdMs), status, new Date(now + 86_400_000)],
    );
  const hourAgo = now - 3_600_000;
  for (const [status, at] of [['PENDING', hourAgo], ['SENDING', now], ['FAILED', hourAgo], ['UNKNOWN', hourAgo], ['UNKNOWN', now], ['FAILED', now - 40 * 86_400_000]] as const) await mail(status, at);
  expect((await overview()).mails).toEqual({ waiting: 2, oldestCreatedAt: new Date(hourAgo).toISOString(), failed: 1, unknown: 2 });
});

it('an operator sees an invoice that was not paid', async () => {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'STARTER');
  const unpaid = async (): Promise<number> => {
    // The copy of the invoice comes with Stripe's event.
    await under.billing.rows("update invoices set status = 'OPEN' where customer_id = $1 returning id", [customerId]);
    return (await overview()).unpaidInvoices;
  };
  await expect.poll(unpaid).toBe(1);
});

it('an operator sees quantities that Stripe does not get', async () => {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'PROFESSIONAL');
  const at = under.clock.now();
  const end = new Date(at.getTime() + 30 * 86_400_000);
  const measured = (minutesAgo: number, meter: string): Promise<unknown> =>
    under.billing.rows(
      `insert into metered_quantities (customer_id, meter, period_start, period_end, quantity, revision, measured_at, status)
       values ($1, $2, $3, $4, 1, 1, $5, 'SENDING') on conflict (customer_id, meter, period_start) do update set status = 'SENDING', measured_at = excluded.measured_at returning meter`,
      [customerId, meter, new Date(at.getTime() + 1), end, new Date(at.getTime() - minutesAgo * 60_000)],
    );
  const before = (await overview()).metering;
  await measured(20, 'DEVICES');
  await measured(1, 'MQTT_MESSAGES');
  const after = (await overview()).metering;
  expect({ waiting: after.waiting - before.waiting, late: after.late - before.late }).toEqual({ waiting: 2, late: 1 });
});
