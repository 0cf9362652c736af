import type { GraphqlClient, LiveOperation } from '@iotistic/testkit/client';
import { waitFor } from '@iotistic/testkit/wait';
import { reportOf, SIGN_UP } from './documents.ts';

const WATCH = 'subscription ($id: ID!) { usageReported(customerId: $id) { id activeDevices customer { companyName license { id status } } } }';
const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';

export interface Seen {
  data?: { usageReported: { id: string; activeDevices: number; customer: { companyName: string; license: { id: string; status: string } | null } | null } } | null;
  errors?: readonly { path?: readonly (string | number)[]; extensions: Record<string, unknown> }[];
  extensions?: { gap?: { missed: number | null } };
}

/** A customer with an instance that reports, and what of it a reader sees. */
export interface ReportingCustomer {
  id: string;
  user: GraphqlClient;
  instance: GraphqlClient;
}

export async function signUpReporting(client: GraphqlClient, email: string): Promise<ReportingCustomer> {
  const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email, password: 'correct horse', companyName: 'Acme Corp' } });
  const { id } = signUp.customer;
  const user = client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: id, name: 'k' } });
  return { id, user, instance: client.as({ apiKey: createApiKey.secret }) };
}

/** So many reports in one call. @returns how many were accepted. */
export async function reportMany(instance: GraphqlClient, count: number, name = 'prod'): Promise<number> {
  const reports = Array.from({ length: count }, () => reportOf({ minutesAgo: 1 }));
  return (await instance.ask<{ reportUsage: { accepted: number } }>(REPORT, { input: { instance: name, reports } })).reportUsage.accepted;
}

/** Reads a customer's reports with what is joined to them, and keeps account of them. */
export class LiveReader {
  readonly #operation: LiveOperation<unknown>;
  /** What was accepted before it was sure to see it. */
  #before = 0;

  private constructor(operation: LiveOperation<unknown>) {
    this.#operation = operation;
  }

  /** Resolves once it sees what is reported: until then reports are made for it, one by one. */
  static async open(watching: GraphqlClient, customer: ReportingCustomer): Promise<LiveReader> {
    const operation = watching.live(WATCH, { id: customer.id });
    await operation.opened;
    const reader = new LiveReader(operation);
    await waitFor(async () => {
      await reportMany(customer.instance, 1);
      if (reader.seen().length === 0) throw new Error('nothing was seen yet');
    }, { interval: 500, timeout: 60_000 });
    await waitFor(() => {
      if (reader.#before === reader.seen().length) return;
      reader.#before = reader.seen().length;
      throw new Error('those of the beginning are still on their way');
    }, { interval: 2_000 });
    return reader;
  }

  get results(): readonly Seen[] {
    return this.#operation.received as readonly Seen[];
  }

  seen(): NonNullable<Seen['data']>['usageReported'][] {
    return this.results.flatMap(({ data }) => (data?.usageReported === undefined ? [] : [data.usageReported]));
  }

  /** What was seen since it was open, each once, and what it was told it missed. */
  account(): { seen: number; twice: number; missed: number } {
    const ids = this.seen().map(({ id }) => id);
    const distinct = new Set(ids).size;
    return { seen: distinct - this.#before, twice: ids.length - distinct, missed: this.results.reduce((sum, { extensions }) => sum + (extensions?.gap?.missed ?? 0), 0) };
  }

  stop(): Promise<void> {
    return this.#operation.stop();
  }
}
