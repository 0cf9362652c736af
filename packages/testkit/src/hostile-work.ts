import type { HostileRequest, HostileShape } from './hostile-shape.ts';

const times = (count: number, text: (index: number) => string, between = ' '): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(between);
const query = (text: string): HostileRequest => ({ body: JSON.stringify({ query: text }) });

type Make = HostileShape['make'];

/** Each of these hashes a password, if it is let. */
const passwords: Record<string, Make> = {
  ...Object.fromEntries(
    [1, 2, 20, 200].map((count) => [
      `${count} log-ins in one`,
      (unique: string) =>
        query(
          `mutation ${unique} { ${times(count, (index) => `l${index}: logIn(input: { email: "${unique}${index}@b.example", password: "correct horse" }) { session { token } }`)} }`,
        ),
    ]),
  ),
  ...Object.fromEntries(
    [2, 20].map((count) => [
      `${count} sign-ups in one`,
      (unique: string) =>
        query(
          `mutation ${unique} { ${times(count, (index) => `s${index}: signUp(input: { email: "${unique}${index}@b.example", password: "correct horse" }) { session { token } }`)} }`,
        ),
    ]),
  ),
  'log-ins in a fragment': (unique) =>
    query(
      `mutation ${unique} { ...f ...g } fragment f on Mutation { a: logIn(input: { email: "a@b.example", password: "correct horse" }) { session { token } } } fragment g on Mutation { b: logIn(input: { email: "a@b.example", password: "correct horse" }) { session { token } } }`,
    ),
  'log-ins that a variable lets in': (unique) => ({
    body: JSON.stringify({
      query: `mutation ${unique}($y: Boolean!) { a: logIn(input: { email: "a@b.example", password: "correct horse" }) @include(if: $y) { session { token } } b: logIn(input: { email: "a@b.example", password: "correct horse" }) @include(if: $y) { session { token } } }`,
      variables: { y: true },
    }),
  }),
};

const series = (
  unique: string,
  customerId: string,
  count: number,
  granularity: string,
  from: string,
  to: string,
  field = 'usageSeries',
): HostileRequest => {
  const one = (index: number): string =>
    field === 'usageSeries'
      ? `u${index}: usageSeries(meter: DEVICES, from: $f, to: $t, granularity: $g) { start end quantity peak reports }`
      : `u${index}: usageCsv(from: $f, to: $t, granularity: $g)`;
  return {
    body: JSON.stringify({
      query: `query ${unique}($c: ID!, $f: DateTime!, $t: DateTime!, $g: Granularity!) { customer(id: $c) { ${times(count, one)} } }`,
      variables: { c: customerId, f: from, t: to, g: granularity },
    }),
  };
};

const ranges: Record<string, Make> = {
  'a year by the hour': (unique, id) =>
    series(unique, id, 1, 'HOUR', '2025-12-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'),
  'thirty years by the hour': (unique, id) =>
    series(unique, id, 30, 'HOUR', '2025-12-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'),
  'all time by the hour': (unique, id) =>
    series(unique, id, 1, 'HOUR', '1970-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'),
  'all time by the month': (unique, id) =>
    series(unique, id, 20, 'MONTH', '1970-01-01T00:00:00.000Z', '2770-01-01T00:00:00.000Z'),
  'a year by the hour as a text': (unique, id) =>
    series(unique, id, 1, 'HOUR', '2025-12-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z', 'usageCsv'),
  'thirty years by the hour as texts': (unique, id) =>
    series(unique, id, 30, 'HOUR', '2025-12-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z', 'usageCsv'),
  'a range that ends before it begins': (unique, id) =>
    series(unique, id, 30, 'HOUR', '2026-12-01T00:00:00.000Z', '2025-12-01T00:00:00.000Z'),
  'a range of rubbish': (unique, id) => series(unique, id, 1, 'HOUR', 'yesterday', 'tomorrow'),
};

const CUSTOMER_FIELDS =
  'id email companyName status createdAt subscription { id status plan { key name } } license { id expiresAt } latestUsage { id activeDevices } usageSummary { meters { meter used included projected } }';
const ofCustomer = (unique: string, id: string, fields: string): HostileRequest => ({
  body: JSON.stringify({ query: `query ${unique}($c: ID!) { customer(id: $c) { ${fields} } }`, variables: { c: id } }),
});

/** What an account may ask for, as much of it as is allowed. */
const joins: Record<string, Make> = {
  'all of a customer': (unique, id) => ofCustomer(unique, id, CUSTOMER_FIELDS),
  'a customer twenty times': (unique, id) => ({
    body: JSON.stringify({
      query: `query ${unique}($c: ID!) { ${times(20, (index) => `c${index}: customer(id: $c) { ${CUSTOMER_FIELDS} }`)} }`,
      variables: { c: id },
    }),
  }),
  'a customer within its subscription within it': (unique, id) =>
    ofCustomer(
      unique,
      id,
      `subscription { customer { subscription { customer { subscription { customer { ${CUSTOMER_FIELDS} } } } } } }`,
    ),
  'plans compared thirty times': (unique, id) =>
    ofCustomer(
      unique,
      id,
      times(30, (index) => `p${index}: planComparison { plan { key } }`),
    ),
  'the next invoice thirty times': (unique, id) =>
    ofCustomer(
      unique,
      id,
      times(30, (index) => `p${index}: upcomingInvoice { total { amount } lines { description } }`),
    ),
  'lists as long as is allowed': (unique, id) =>
    ofCustomer(
      unique,
      id,
      'instances(first: 100) { edges { node { id name createdAt latestUsage { id } intake { received } } } } deployments(first: 100) { edges { node { id status log } } } auditLog(first: 100) { edges { node { id at actor action detail } } }',
    ),
  'every list thirty times': (unique, id) =>
    ofCustomer(
      unique,
      id,
      times(30, (index) => `a${index}: auditLog(first: 20) { edges { node { id at actor action detail } } }`),
    ),
  'the graph through a sign-up': (unique) =>
    query(
      `mutation ${unique} { signUp(input: { email: "${unique}@b.example", password: "x" }) { customer { ${CUSTOMER_FIELDS} instances { edges { node { id latestUsage { id } customer { ${CUSTOMER_FIELDS} } } } } } } }`,
    ),
  'a plan of as many parts as are allowed': (unique) =>
    query(
      `query ${unique} { viewer { ${times(20, (index) => `... on UserViewer { customer { ${CUSTOMER_FIELDS} ${index % 2 === 0 ? 'subscription { customer { license { customer { id email } } } }' : ''} } }`)} } }`,
    ),
  'a plan of many parts': (unique) =>
    query(
      `query ${unique} { viewer { ${times(6, (index) => `... on UserViewer { customer { ${index % 2 === 0 ? CUSTOMER_FIELDS : 'subscription { customer { license { id } usageSummary { periodStart } } }'} } } ... on InstanceViewer { customer { ${CUSTOMER_FIELDS} } }`)} } }`,
    ),
  'live operations as a query': (unique) => query(`subscription ${unique} { usageReported(customerId: "x") { id } }`),
  'twenty keys at once': (unique, id) =>
    query(
      `mutation ${unique} { ${times(20, (index) => `k${index}: createApiKey(input: { customerId: "${id}", name: "${unique}${index}" }) { secret }`)} }`,
    ),
  'twenty instances at once': (unique, id) =>
    query(
      `mutation ${unique} { ${times(20, (index) => `k${index}: createInstance(input: { customerId: "${id}", name: "${unique}${index}" }) { instance { id } }`)} }`,
    ),
};

const bodies: Record<string, Make> = {
  ...Object.fromEntries(
    [10, 10_000, 100_000].map((count) => [
      `a batch of ${count}`,
      (unique: string) => ({
        body: `[${Array(count).fill(`{"query":"query ${unique}{x}"}`).join(',')}]`.slice(0, 2_000_000),
      }),
    ]),
  ),
  'brackets and nothing else': () => ({ body: '['.repeat(1_500_000) }),
  'braces and nothing else': () => ({ body: '{"a":'.repeat(300_000) }),
  'a text and nothing else': () => ({ body: `"${'x'.repeat(1_500_000)}"` }),
  'blanks and nothing else': () => ({ body: ' '.repeat(1_900_000) }),
  'quotation marks and nothing else': () => ({ body: '"'.repeat(1_500_000) }),
  'a query that is a list': () => ({ body: `{"query":[${Array(300_000).fill('{}').join(',')}]}` }),
  'a query that is an object, deep': () => ({ body: `{"query":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}` }),
  'a query of rubbish': (unique) => ({ body: JSON.stringify({ query: `${unique}${'\u{1F600}%$&'.repeat(20_000)}` }) }),
  'extensions of 500,000 objects': (unique) => ({
    body: `{"query":"query ${unique} { plans { key } }","extensions":{"a":[${Array(500_000).fill('{}').join(',')}]}}`,
  }),
  'extensions that are deep': (unique) => ({
    body: `{"query":"query ${unique} { plans { key } }","extensions":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`,
  }),
  'a persisted query of which nothing is known': () => ({
    body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(60_000) } } }),
  }),
  'names of the request again and again': (unique) => ({
    body: `{${Array(40_000).fill(`"query":"query ${unique} { plans { key } }"`).join(',')}}`.slice(0, 2_000_000),
  }),
  'an operation name of 1,000,000 letters': (unique) => ({
    body: JSON.stringify({ query: `query ${unique} { plans { key } }`, operationName: 'x'.repeat(1_000_000) }),
  }),
  'members that are not known': (unique) => ({
    body: `{"query":"query ${unique} { plans { key } }",${Array.from({ length: 100_000 }, (_, index) => `"m${index}":1`).join(',')}}`,
  }),
  'a query of 12 kB in the address': (unique) => ({
    search: new URLSearchParams({
      query: `query ${unique} { plans { ${times(1_500, (index) => `a${index}`)} } }`.slice(0, 12_000),
    }).toString(),
  }),
  'variables of 12 kB in the address': (unique) => ({
    search: new URLSearchParams({
      query: `query ${unique}($id: ID!) { customer(id: $id) { id } }`,
      variables: `{"id":${'['.repeat(2_000)}${']'.repeat(2_000)}}`,
    }).toString(),
  }),
  'parameters again and again': () => ({ search: Array(2_000).fill('query=x').join('&') }),
};

const report = (index: number): object => {
  const at = new Date(Date.UTC(2026, 9, 1) + index * 60_000);
  return {
    reportId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    sequence: index,
    intervalStart: at,
    intervalEnd: new Date(at.getTime() + 60_000),
    activeDevices: index % 7,
    totalDevices: 9,
    mqttMessagesPublished: index,
    mqttMessagesReceived: index,
    mqttBytesSent: index,
    httpRequests: index,
    storageBytes: index,
  };
};
const reportsOf = (
  unique: string,
  count: number,
  change: (report: object) => object = (same) => same,
): HostileRequest => ({
  body: JSON.stringify({
    query: `mutation ${unique}($input: ReportUsageInput!) { reportUsage(input: $input) { accepted rejected { reportId reason message } } }`,
    variables: {
      input: { instance: unique, reports: Array.from({ length: count }, (_, index) => change(report(index))) },
    },
  }),
});

/** What an instance may send: a spool that catches up, and what looks like one. */
const reports: Record<string, Make> = {
  'a thousand good reports': (unique) => reportsOf(unique, 1_000),
  'a thousand reports that are refused one by one': (unique) =>
    reportsOf(unique, 1_000, (good) => ({ ...good, activeDevices: -1 })),
  'a thousand reports with instants that none writes': (unique) =>
    reportsOf(unique, 1_000, (good) => ({ ...good, intervalEnd: '2026-11-31T25:61:61Z' })),
  'a thousand reports with fields that are not known': (unique) =>
    reportsOf(unique, 1_000, (good) => ({ ...good, one: 1, two: 2, three: 3 })),
  'a thousand and one reports': (unique) => reportsOf(unique, 1_001),
};

export const WORK_SHAPES: readonly HostileShape[] = Object.entries({
  passwords,
  'ranges of time': ranges,
  joins,
  reports,
  bodies,
}).flatMap(([kind, shapes]) =>
  Object.entries(shapes).map(([name, make]): HostileShape => ({
    kind,
    name,
    make,
    ...(shapes === reports ? { byInstance: true } : {}),
  })),
);
