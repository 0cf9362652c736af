import { setTimeout as pause } from 'node:timers/promises';
import { createGraphqlClient, type GraphqlError } from '@iotistic/testkit/client';
import type { ChaosCustomer } from './customers.ts';
import type { Difference } from './invariants.ts';
import { ADMIN_TOKEN, type ChaosPlane } from './plane.ts';

/** One event as it came, joined across the graph. */
interface LiveEvent {
  /** Missing in one that has errors alone. */
  data?: { usageReported: { id: string; receivedAt: string; customer: { id: string; license: { id: string } | null; subscription: { version: number } | null } | null } } | null;
  errors?: readonly GraphqlError[];
  /** `gap`: events before this one were missed. */
  extensions?: { gap?: unknown };
}

const WATCH = 'subscription ($customer: ID!) { usageReported(customerId: $customer) { id receivedAt customer { id license { id } subscription { version } } } }';
const REPORTS = 'query ($id: ID!, $after: String) { customer(id: $id) { usageReports(first: 100, after: $after) { edges { node { id receivedAt } } pageInfo { hasNextPage endCursor } } } }';
const RECONNECT_MS = 300;
/** Reports that are stored in one moment may be announced in another order. */
const SAME_MOMENT_MS = 2_000;

/** Watches one customer's reports through the gateway, and comes back when its connection is lost, as a console does. */
export class Subscriber {
  /** The events of each connection, in their order. */
  readonly connections: LiveEvent[][] = [];
  /** Why it was refused, where nothing that was down is the reason. */
  readonly refusals = new Set<string>();
  readonly customer: ChaosCustomer;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;

  constructor(plane: ChaosPlane, customer: ChaosCustomer) {
    this.customer = customer;
    this.#running = this.#watch(plane);
  }

  get seen(): number {
    return new Set(this.connections.flat().map(({ data }) => data?.usageReported.id)).size;
  }

  /** Events that say that others before them were missed. */
  get gaps(): number {
    return this.connections.flat().filter(isGap).length;
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#running;
  }

  async #watch(plane: ChaosPlane): Promise<void> {
    const { signal } = this.#over;
    const closed = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!signal.aborted) {
      const operation = createGraphqlClient(plane.gatewayUrl, { bearer: ADMIN_TOKEN }).live(WATCH, { customer: this.customer.id });
      this.connections.push(operation.received as LiveEvent[]);
      this.#noteRefusal(await Promise.race([operation.ended, closed]));
      await Promise.resolve(operation.stop()).catch(() => undefined);
      await pause(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #noteRefusal(reason: unknown): void {
    if (!Array.isArray(reason)) return;
    for (const { message, extensions } of reason as GraphqlError[]) if (extensions.code !== 'UNAVAILABLE') this.refusals.add(message);
  }
}

function isGap({ extensions }: LiveEvent): boolean {
  return extensions?.gap !== undefined && extensions.gap !== null && extensions.gap !== false;
}

/**
 * On one connection each report is seen that was stored between two of its events, unless an event says that some were
 * missed. What was reported between two connections is not promised.
 */
export async function compareLive(plane: ChaosPlane, { customer, connections, refusals }: Subscriber): Promise<Difference[]> {
  const stored = await listReports(plane, customer.id);
  const found = [...refusals].map((reason) => `the connection was refused: ${reason}`);
  found.push(...connections.flatMap((events) => [...strangers(events, stored), ...lostJoins(events), ...unseen(events, stored)]));
  return found.map((what) => ({ invariant: 'pushed', what: `${customer.id}: ${what}` }));
}

interface ReportPage {
  edges: { node: { id: string; receivedAt: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

async function listReports(plane: ChaosPlane, id: string): Promise<Map<string, number>> {
  const admin = createGraphqlClient(plane.gatewayUrl, { bearer: ADMIN_TOKEN });
  const reports = new Map<string, number>();
  let page: ReportPage['pageInfo'] = { hasNextPage: true, endCursor: null };
  while (page.hasNextPage) {
    const { customer } = await admin.ask<{ customer: { usageReports: ReportPage } }>(REPORTS, { id, after: page.endCursor });
    for (const { node } of customer.usageReports.edges) reports.set(node.id, Date.parse(node.receivedAt));
    page = customer.usageReports.pageInfo;
  }
  return reports;
}

/** Nobody sees what is not stored, nor what is another's. */
function strangers(events: readonly LiveEvent[], stored: ReadonlyMap<string, number>): string[] {
  return events.flatMap(({ data }) => (data === null || data === undefined || stored.has(data.usageReported.id) ? [] : [`${data.usageReported.id} was pushed and is not stored`]));
}

/** A joined field is there, or an error names it. */
function lostJoins(events: readonly LiveEvent[]): string[] {
  return events.flatMap(({ data, errors = [] }) => {
    if (data === null || data === undefined) return errors.length === 0 ? ['an event had neither data nor errors'] : [];
    const { id, customer } = data.usageReported;
    const isComplete = customer !== null && customer.license !== null && customer.subscription !== null;
    return isComplete || errors.length > 0 ? [] : [`${id} lacks a joined field, and no error says so`];
  });
}

function unseen(events: readonly LiveEvent[], stored: ReadonlyMap<string, number>): string[] {
  const seen = new Set(events.map(({ data }) => data?.usageReported.id));
  const times = events.flatMap(({ data }) => (data === null || data === undefined ? [] : [Date.parse(data.usageReported.receivedAt)]));
  const [from, until] = [Math.min(...times) + SAME_MOMENT_MS, Math.max(...times) - SAME_MOMENT_MS];
  const lastGapMs = Math.max(-Infinity, ...events.filter(isGap).map(({ data }) => (data === null || data === undefined ? Infinity : Date.parse(data.usageReported.receivedAt) + SAME_MOMENT_MS)));
  const missing = [...stored].filter(([id, at]) => at > from && at < until && at > lastGapMs && !seen.has(id));
  return missing.length === 0 ? [] : [`${missing.length} of ${stored.size} reports were stored while it was connected, and neither seen nor said to be missed, such as ${missing[0]?.[0]}`];
}
