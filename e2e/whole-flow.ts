import type { BootedPlane } from '@iotistic/testkit/boot';
import { waitFor } from '@iotistic/testkit/wait';
import { expect } from 'vitest';
import { reportOf, SIGN_UP } from './documents.ts';

const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted duplicates rejected { reason } } }';
const LIVE = 'subscription ($customerId: ID!) { usageReported(customerId: $customerId) { mqttMessagesPublished } }';
const CUSTOMER = `query ($id: ID!) { customer(id: $id) {
  companyName createdAt
  subscription { status trialEndsAt }
  license { status expiresAt }
  usageReports(first: 1) { edges { node { intervalEnd mqttMessagesPublished } } }
} }`;

interface Seen {
  companyName: string;
  createdAt: string;
  subscription: { status: string; trialEndsAt: string };
  license: { status: string; expiresAt: string };
  usageReports: { edges: { node: { intervalEnd: string; mqttMessagesPublished: number } }[] };
}

/**
 * A customer's first day, over every connection that a plane has: rows of all four subgraphs, events and jobs between them, the live
 * bus, the hot path's pipeline and the locks.
 */
export async function liveThroughFirstDay({ client, admin }: Pick<BootedPlane, 'client' | 'admin'>, name: string): Promise<void> {
  const companyName = `${name} Zürich ✓ \\o/`;
  const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: `${name}@example.com`, password: 'correct horse', companyName } });
  const { id } = signUp.customer;
  const user = client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: id, name: 'k' } });
  const live = user.live<{ usageReported: { mqttMessagesPublished: number } }>(LIVE, { customerId: id });
  await live.opened;
  const instance = client.as({ apiKey: createApiKey.secret });
  const report = reportOf({ minutesAgo: 10, mqttMessagesPublished: 12_345 });
  const send = (each: Record<string, unknown>): Promise<unknown> => instance.ask(REPORT, { input: { instance: 'plant-1', reports: [each] } });
  expect(await send(report)).toEqual({ reportUsage: { accepted: 1, duplicates: 0, rejected: [] } });
  expect(await send(report)).toEqual({ reportUsage: { accepted: 0, duplicates: 1, rejected: [] } });
  // When the operation is heard of at the far end is not said: until then what happens is not pushed.
  await waitFor(async () => {
    await send(reportOf({ minutesAgo: 90, mqttMessagesPublished: 1 }));
    expect(live.received.map(({ data }) => data?.usageReported.mqttMessagesPublished)).toContain(1);
  }, { interval: 500 });
  await live.stop();
  const seen = await waitFor(async () => {
    const { customer } = await admin.ask<{ customer: Seen }>(CUSTOMER, { id });
    expect(customer.license.status).toBe('ACTIVE');
    return customer;
  });
  expect(seen).toMatchObject({ companyName, subscription: { status: 'TRIALING' }, usageReports: { edges: [{ node: { intervalEnd: report['intervalEnd'], mqttMessagesPublished: 12_345 } }] } });
  // Of the same day, to the hour: a time that was read in another style or zone is months or hours away.
  const trialMs = Date.parse(seen.subscription.trialEndsAt) - Date.parse(seen.createdAt);
  expect(Math.abs(trialMs - 14 * 86_400_000)).toBeLessThan(60_000);
  expect(Math.abs(Date.parse(seen.createdAt) - Date.now())).toBeLessThan(30 * 60_000);
}
