import { newId } from '@iotistic/contracts/ids';
import { type LicensingUnderTest, startLicensingUnderTest } from '@iotistic/testkit/licensing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const DAY_MS = 86_400_000;
const ADMIN = { kind: 'admin', name: 'test' } as const;
const QUERY = 'query ($first: Int, $after: String, $status: LicenseStatus, $days: Int) { licenses(first: $first, after: $after, status: $status, expiringWithinDays: $days) { totalCount pageInfo { hasNextPage endCursor } edges { node { id status expiresAt customer { id } } } } }';
let under: LicensingUnderTest;
/** A customer for each place on the calendar. */
const customers: Record<string, string> = {};

interface Answer {
  licenses: { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string }; edges: { node: { id: string; status: string; expiresAt: string; customer: { id: string } } }[] };
}
const ask = async (variables: object): Promise<Answer['licenses']> => (await under.read<Answer>(ADMIN, QUERY, { first: 100, ...variables })).licenses;
const namesOf = ({ edges }: Answer['licenses']): string[] => edges.map(({ node }) => Object.entries(customers).find(([, id]) => id === node.customer.id)?.[0] ?? '?');

beforeAll(async () => {
  under = await startLicensingUnderTest();
  const inDays = (days: number): string => new Date(under.clock.now().getTime() + days * DAY_MS).toISOString();
  for (const [name, changes] of Object.entries({
    ACTIVE: {},
    ENDING: { endsAt: inDays(6) },
    GRACE: { status: 'PAST_DUE', currentPeriodEndsAt: inDays(-3) },
    READ_ONLY: { status: 'PAST_DUE', currentPeriodEndsAt: inDays(-10) },
    EXPIRED: { status: 'CANCELED', currentPeriodEndsAt: inDays(-40) },
    REVOKED: {},
  } as const)) customers[name] = await under.licensed(changes);
  await under.grant(customers['ACTIVE'] ?? '', 2);
  await under.read(ADMIN, 'mutation ($input: RevokeLicenseInput!) { revokeLicense(input: $input) { license { id } } }', { input: { customerId: customers['REVOKED'], reason: 'x' } });
});
afterAll(() => under.close());

describe('the licenses of all customers', () => {
  it('are listed with their place on the calendar, those that end first at first', async () => {
    const all = await ask({});
    expect(all.edges.map(({ node }) => node.status).slice(0, 4)).toEqual(['EXPIRED', 'READ_ONLY', 'GRACE', 'ACTIVE']);
    expect(namesOf(all)).toEqual(['EXPIRED', 'READ_ONLY', 'GRACE', 'ENDING', ...namesOf(all).slice(4)]);
    expect([all.totalCount, namesOf(all).slice(4).toSorted()]).toEqual([6, ['ACTIVE', 'REVOKED']]);
  });

  it.each([
    ['ACTIVE', ['ENDING', 'ACTIVE']],
    ['GRACE', ['GRACE']],
    ['READ_ONLY', ['READ_ONLY']],
    ['EXPIRED', ['EXPIRED']],
    ['REVOKED', ['REVOKED']],
    ['SUPERSEDED', ['ACTIVE']],
  ])('of the status %s are these alone, each with that status', async (status, names) => {
    const found = await ask({ status });
    expect([namesOf(found), found.totalCount]).toEqual([names, names.length]);
    expect(found.edges.every(({ node }) => node.status === status)).toBe(true);
  });

  it('that end within so many days are those that nothing renews in time', async () => {
    expect(namesOf(await ask({ days: 6 }))).toEqual(['ENDING']);
    expect(namesOf(await ask({ days: 5 }))).toEqual([]);
    expect(namesOf(await ask({ days: 30 }))).toEqual(['ENDING']);
    expect(namesOf(await ask({ days: 37, status: 'ACTIVE' }))).toEqual(['ENDING', 'ACTIVE']);
  });

  it('come page by page, each once', async () => {
    const seen: string[] = [];
    for (let page = await ask({ first: 1 }); ; page = await ask({ first: 1, after: page.pageInfo.endCursor })) {
      seen.push(...page.edges.map(({ node }) => node.id));
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual((await ask({})).edges.map(({ node }) => node.id));
  });

  it("are the operator's, in pages and days that make sense", async () => {
    expect(await under.refusal({ kind: 'user', customerId: newId('cust'), userId: 'user_1', sessionId: 's' }, QUERY, {})).toBe('ADMIN_ONLY');
    for (const [variables, reason] of [[{ first: 0 }, 'INVALID_PAGE_SIZE'], [{ after: 'x' }, 'INVALID_CURSOR'], [{ days: -1 }, 'INVALID_DAYS'], [{ days: 401 }, 'INVALID_DAYS']] as const)
      expect(await under.refusal(ADMIN, QUERY, variables)).toBe(reason);
  });
});
