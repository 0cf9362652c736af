/** Live events are complete, or the reader is told how many it missed: bursts, a subgraph that hangs, one that is killed; in one process and in several. */
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from './built.ts';
import { LiveReader, type ReportingCustomer, reportMany, signUpReporting } from './live-reader.ts';
import { ReplicatedPlane } from './replicated-plane.ts';

const BURST = 1_000;
const BURSTS = 10;
const HANGS_FOR_MS = 20_000;
const PATIENT = { timeout: 240_000, interval: 500 };

/** As many as were accepted are accounted for, none of them twice. */
const accounted = (reader: LiveReader, accepted: number): Promise<void> =>
  waitFor(() => {
    const { seen, twice, missed } = reader.account();
    expect({ accounted: seen + missed, twice }).toEqual({ accounted: accepted, twice: 0 });
  }, PATIENT);

describe('a reader who joins customer and license, in one process', () => {
  let booted: BootedPlane;
  beforeAll(async () => {
    booted = await bootPlane();
  });
  afterAll(() => booted.stop());

  it('sees every one of 10,000 reports that come in bursts of 1,000', async () => {
    const customer = await signUpReporting(booted.client, 'ada@example.com');
    const reader = await LiveReader.open(customer.user, customer);
    let accepted = 0;
    for (let burst = 0; burst < BURSTS; burst += 1) accepted += await reportMany(customer.instance, BURST);
    expect(accepted).toBe(BURST * BURSTS);
    await accounted(reader, accepted);
    expect(reader.account().missed).toBe(0);
    expect(reader.seen().every(({ customer: joined }) => joined?.license?.status === 'ACTIVE')).toBe(true);
    await reader.stop();
  }, 600_000);
});

describe('a reader who joins customer and license, in several processes', () => {
  let plane: ReplicatedPlane;
  let customer: ReportingCustomer;
  let watching: ReportingCustomer['user'];
  let reader: LiveReader;
  let accepted = 0;
  const burst = async (count = BURST): Promise<void> => {
    accepted += await reportMany(customer.instance, count);
  };

  beforeAll(async () => {
    await build();
    plane = await ReplicatedPlane.start(['usage']);
    customer = await signUpReporting(plane.client('gateway'), 'ada@example.com');
    // The reader is at the other gateway, which is fed by the usage that takes none of the reports.
    const { logIn } = await plane.client('gateway-1').ask<{ logIn: { session: { token: string } } }>('mutation { logIn(input: { email: "ada@example.com", password: "correct horse" }) { session { token } } }');
    watching = plane.client('gateway-1').as({ bearer: logIn.session.token });
    reader = await LiveReader.open(watching, customer);
  }, 600_000);
  afterAll(async () => {
    await reader?.stop();
    await plane?.stop();
  });

  it('sees every report of bursts of 1,000 that another process accepted', async () => {
    for (let index = 0; index < 3; index += 1) await burst();
    await accounted(reader, accepted);
    expect(reader.account().missed).toBe(0);
  }, 600_000);

  it('goes on while licensing hangs: the license alone is null and says why, and queries through that link fail at once', async () => {
    plane.signal('licensing', 'SIGSTOP');
    const stoppedAtMs = performance.now();
    for (let index = 0; index < 4; index += 1) await burst();
    while (performance.now() - stoppedAtMs < HANGS_FOR_MS) await burst(20);
    await accounted(reader, accepted);
    const last = reader.results.at(-1);
    expect(last?.data?.usageReported.customer).toMatchObject({ companyName: 'Acme Corp', license: null });
    expect(last?.errors?.[0]).toMatchObject({ path: expect.arrayContaining(['usageReported', 'customer']) as unknown, extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } });
    expect(await plane.metrics('gateway-1')).toContain('iotistic_gateway_subgraph_breaker{subgraph="licensing",state="open"} 1');
    const answer = await watching.send('query ($id: ID!) { customer(id: $id) { companyName license { id } } }', { id: customer.id });
    expect(answer).toMatchObject({ data: { customer: { companyName: 'Acme Corp', license: null } }, errors: [{ extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } }] });
    plane.signal('licensing', 'SIGCONT');
    await waitFor(async () => expect(await plane.metrics('gateway-1')).toContain('iotistic_gateway_subgraph_breaker{subgraph="licensing",state="open"} 0'), PATIENT);
    await waitFor(async () => {
      await burst(1);
      expect(reader.seen().at(-1)?.customer?.license?.status).toBe('ACTIVE');
    }, PATIENT);
    for (let index = 0; index < 3; index += 1) await burst();
    await accounted(reader, accepted);
  }, 900_000);

  it('is taken up where it stood when the usage that feeds it is killed amid a burst, and misses nothing', async () => {
    await burst();
    await plane.kill('usage-1');
    await burst();
    await plane.begin('usage-1');
    await burst();
    await accounted(reader, accepted);
    expect(reader.account().missed).toBe(0);
  }, 600_000);

  it('is taken up where it stood when the usage that feeds it hung for longer than its connection is kept', async () => {
    const losses = (): number => plane.output('gateway-1').split('a live source was lost').length;
    const before = losses();
    plane.signal('usage-1', 'SIGSTOP');
    await burst();
    await waitFor(() => expect(losses()).toBeGreaterThan(before), PATIENT);
    plane.signal('usage-1', 'SIGCONT');
    await burst();
    await accounted(reader, accepted);
  }, 600_000);
});
