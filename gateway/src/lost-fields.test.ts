import { createLog } from '@iotistic/chassis/log';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import { AppError } from '@iotistic/contracts/errors';
import { type SubgraphName, SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { imagineGraph } from '@iotistic/testkit/imagined-graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PublicResult, toPublicResult } from './format-error.ts';
import { nameLostFields } from './lost-fields.ts';
import { inProcessLink } from './subgraph-link.ts';
import { type Graph, readSupergraphSdl, startGraph } from './supergraph.ts';

const LIMITS = { tokens: 10_000, depth: 30, aliases: 100, rootFields: 20, directives: 50, fields: 2_000, cost: 1_000_000 };
const PLAN = 'subscription { status plan { key } }';
/** A broad set: each begins in one subgraph and asks others. */
const QUERIES: Record<string, { owner: SubgraphName; query: string }> = {
  'the list of customers': { owner: 'customers', query: `{ customers { totalCount edges { node { id companyName ${PLAN} invoices { edges { node { id } } } planComparison { total { amount } } latestUsage { activeDevices } intake { received } usageSummary { periodStart } usageReports { totalCount } usageSeries(meter: DEVICES, from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z") { quantity } license { status } activations { licenseId } licenseHistory { totalCount } airGapLicenses { id } } } } }` },
  'one customer under other names': { owner: 'customers', query: `{ id: customer(id: "c") { name: companyName id: subscription { id: status } createdAt: license { status } } }` },
  'instances': { owner: 'customers', query: '{ customer(id: "c") { instances { edges { node { name intake { received } missingReports { from } latestUsage { activeDevices } activation { licenseId } customer { license { id } } } } } } }' },
  'who is asking': { owner: 'customers', query: `{ viewer { ... on UserViewer { user { email } customer { companyName ${PLAN} license { id } } } ... on InstanceViewer { customer { id ${PLAN} } } } }` },
  'the fleet': { owner: 'usage', query: `{ fleetUsage { edges { node { instances utilization customer { id companyName email ${PLAN} license { status } intake { received } } } } } }` },
  'anomalies': { owner: 'usage', query: '{ usageAnomalies { edges { node { kind detail customer { companyName email license { id } } instance { name createdAt activation { licenseId } } } } } }' },
  'a sign-up': { owner: 'customers', query: `mutation { signUp(input: { email: "a@b.c", password: "x" }) { session { token } customer { id ${PLAN} license { token } usageSummary { periodEnd } } } }` },
  'a change of plan': { owner: 'billing', query: 'mutation { changePlan(input: { customerId: "c", plan: STARTER }) { subscription { status customer { email license { status } } } } }' },
  'a correction': { owner: 'usage', query: 'mutation { adjustUsage(input: { customerId: "c", meter: DEVICES, quantity: 1, reason: "r", reference: "x" }) { adjustment { id } period { quantity trueUps { id } billedUnits } } }' },
  'a report': { owner: 'usage', query: `mutation { reportUsage(input: { instance: "i", reports: [] }) { accepted answer { fileId file } latest { activeDevices customer { companyName ${PLAN} } instance { name createdAt } } } }` },
  'a fetched license': { owner: 'licensing', query: `mutation { fetchLicense(input: { instance: "i" }) { serverTime license { id } customer { email ${PLAN} } } }` },
};

const down = new Set<SubgraphName>();
const broken = (subgraph: RunningSubgraph): RunningSubgraph => ({ ...subgraph, executor: { ...subgraph.executor, execute: (request, context) => (down.has(subgraph.name) ? Promise.reject(new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE')) : subgraph.executor.execute(request, context)) } });
let graph: Graph;
beforeAll(async () => {
  const links = new Map(Object.values(imagineGraph().subgraphs).map((subgraph) => [subgraph.name as string, inProcessLink(broken(subgraph))]));
  graph = await startGraph({ supergraphSdl: readSupergraphSdl(), links, limits: LIMITS, introspection: true, suggestions: true, log: createLog({ level: 'silent', name: 'test' }) });
});
afterAll(() => graph.close());

async function ask(query: string, away?: SubgraphName): Promise<PublicResult> {
  down.clear();
  if (away !== undefined) down.add(away);
  return graph.execute(graph.documents.operationOf({ query, operationName: null }), {}, { caller: { kind: 'admin', name: 'operator' }, requestId: 'req_1' });
}

/** Places where the answer is null and was not, the outermost only. */
function lostPlaces(whole: unknown, part: unknown, path: (string | number)[] = []): string[] {
  if (part === null || part === undefined) return whole === null || whole === undefined ? [] : [path.join('.')];
  if (typeof whole !== 'object' || whole === null) return part === whole ? [] : [`${path.join('.')} is another value`];
  return Object.entries(whole).flatMap(([name, value]) => lostPlaces(value, (part as Record<string, unknown>)[name], [...path, name]));
}

describe.each(Object.entries(QUERIES))('%s', (_name, { owner, query }) => {
  it.each(SUBGRAPH_NAMES.filter((name) => name !== owner))('keeps what others know while %s is away, with an error at each field that is lost', async (away) => {
    const whole = await ask(query);
    expect(whole.errors).toBeUndefined();
    const part = await ask(query, away);
    expect(part.data).not.toBeNull();
    const lost = lostPlaces(whole.data, part.data);
    const explained = (part.errors ?? []).map(({ path }) => (path ?? []).join('.'));
    // Each null has an error at its place, or below it where the place itself was promised.
    expect(lost.filter((place) => !explained.some((path) => path === place || path.startsWith(`${place}.`)))).toEqual([]);
    // And each error is at a field that the client asked for.
    for (const error of part.errors ?? []) expect(error).toMatchObject({ path: expect.any(Array) as unknown[], extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } });
    expect(explained.filter((path) => /@|_entities|private_/.test(path))).toEqual([]);
  });
});

describe('while billing is away', () => {
  it('every customer of a list is there, and each subscription has its error', async () => {
    const { data, errors } = await ask('{ customers { edges { node { companyName subscription { status } } } } }', 'billing');
    const { edges } = (data as { customers: { edges: { node: object }[] } }).customers;
    expect(edges.length).toBeGreaterThan(0);
    expect(errors?.map(({ path }) => path)).toEqual(edges.map((_edge, index) => ['customers', 'edges', index, 'node', 'subscription']));
  });

  it('what is asked of it alone is an error at its field', async () => {
    expect(await ask('{ list: plans { key } }', 'billing')).toMatchObject({ data: null, errors: [{ path: ['list'], extensions: { code: 'UNAVAILABLE' } }] });
  });
});

describe('an error about a whole fetch', () => {
  const query = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { ...on A { x: a b { c } } ... on B { d } } }';
  const error = { message: 'gone', extensions: { code: 'UNAVAILABLE' } };
  const paths = (response: { errors?: readonly { path?: readonly (string | number)[] | undefined }[] }): unknown => response.errors?.map(({ path }) => path);

  it('is given for each field of each object, by its type', () => {
    const representations = [{ __typename: 'A' }, { __typename: 'B' }, { __typename: 'A' }];
    expect(paths(nameLostFields({ query, variables: { representations } }, { errors: [{ ...error, path: [] }] }))).toEqual([['_entities', 0, 'x'], ['_entities', 0, 'b'], ['_entities', 1, 'd'], ['_entities', 2, 'x'], ['_entities', 2, 'b']]);
    expect(paths(nameLostFields({ query, variables: { representations } }, { errors: [{ ...error, path: ['_entities', 1] }, { ...error, path: ['_entities', 0, 'x'] }] }))).toEqual([['_entities', 1, 'd'], ['_entities', 0, 'x']]);
  });

  it('is given once where there would be thousands', () => {
    const representations = Array.from({ length: 600 }, () => ({ __typename: 'A' }));
    expect(nameLostFields({ query, variables: { representations } }, { errors: [{ ...error, path: [] }] }).errors).toHaveLength(1);
  });
});

describe('what the executor notes of an answer', () => {
  const note = (message: string): object => ({ data: {}, extensions: { valueCompletion: [{ message, path: ['customer', 'email'] }] } });
  const logged: string[] = [];
  const log = createLog({ level: 'error', name: 'test', destination: { write: (line: string) => void logged.push(line) } });

  it.each([
    ['Cannot return null for non-nullable field Customer.email.', 'NOT_FOUND', 'OBJECT_NOT_FOUND'],
    ['Cannot return null for non-nullable array element of type Customer! at index 0.', 'NOT_FOUND', 'OBJECT_NOT_FOUND'],
    ['Invalid value found for field Customer.status.', 'INTERNAL', 'UNEXPECTED'],
    ['Invalid __typename found for object at field Query.viewer.', 'INTERNAL', 'UNEXPECTED'],
    ['Anything else.', 'INTERNAL', 'UNEXPECTED'],
  ])('"%s" is %s', (message, code, reason) => {
    logged.length = 0;
    const { errors } = toPublicResult(note(message), 'req_1', log);
    expect(errors).toEqual([{ message: expect.not.stringContaining('Customer') as string, path: ['customer', 'email'], extensions: { code, reason, requestId: 'req_1' } }]);
    expect(logged).toHaveLength(code === 'INTERNAL' ? 1 : 0);
  });
});
