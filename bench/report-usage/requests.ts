import { randomUUID } from 'node:crypto';
import type { Account } from '../contestant.ts';
import { type Sending, shapeOf, SLOTS } from './shapes.ts';

type Slot = keyof typeof SLOTS;

/** A whole HTTP request as bytes, and where its slots are, in the order of the reports. */
interface Template {
  bytes: Buffer;
  offsets: Record<Slot, number[]>;
}

interface Instance {
  name: string;
  template: Template;
  account: Account;
  sent: number;
}

export interface Traffic {
  sending: Sending;
  /** host:port */
  host: string;
  accounts: readonly Account[];
  instancesPerCustomer: number;
  connections: number;
}

const MINUTE_MS = 60_000;
const FIRST_SEQUENCE = 1_000_000;
/** How far back the first report of an instance lies at most: older than 400 days would be refused. */
const MAX_AGE_MINUTES = 390 * 24 * 60;
const MAX_INSTANCES_PER_CUSTOMER = 1_000;
const MAX_INTERVALS = 9_000;

/**
 * Makes each connection's requests: new ids, successive intervals, and each instance on one connection only, as an
 * instance has one agent. Filling slots in a copy costs the generator a few µs where building each request costs it tens.
 */
export function createRequestMakers(traffic: Traffic): { makers: (() => Buffer)[]; haveAllSent(): boolean } {
  const templates = new Map(traffic.accounts.map((account) => [account, compile(traffic, account)]));
  const instances = traffic.accounts.flatMap((account, customer) =>
    Array.from({ length: traffic.instancesPerCustomer }, (_, index) => ({ name: instanceNameOf(customer * traffic.instancesPerCustomer + index), template: templates.get(account) as Template, account, sent: 0 })),
  );
  const instants = listInstants(traffic.sending);
  const makers = Array.from({ length: traffic.connections }, (_, connection) => {
    const own = instances.filter((_instance, index) => index % traffic.connections === connection % instances.length);
    let turn = 0;
    return () => fill(own[turn++ % own.length] as Instance, traffic.sending.reportsPerCall, instants);
  });
  return { makers, haveAllSent: () => instances.every(({ sent }) => sent > 0) };
}

/** As wide as its slot; a customer's own are told apart. */
export function instanceNameOf(index: number): string {
  return `edge-${String(index % MAX_INSTANCES_PER_CUSTOMER).padStart(3, '0')}`;
}

function compile({ sending, host }: Traffic, account: Account): Template {
  const shape = shapeOf(sending);
  const body = shape.body(Array.from({ length: sending.reportsPerCall }, () => shape.report).join(','));
  const head = [`POST ${shape.path} HTTP/1.1`, `Host: ${host}`, 'Connection: keep-alive', 'Content-Type: application/json', 'Accept: application/json', `X-API-Key: ${account.apiKey}`, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n');
  const text = `${head}\r\n\r\n${body}`;
  const offsets = Object.fromEntries(Object.entries(SLOTS).map(([slot, mark]) => [slot, offsetsOf(text, mark)])) as Template['offsets'];
  return { bytes: Buffer.from(text, 'latin1'), offsets };
}

function offsetsOf(text: string, mark: string): number[] {
  const offsets: number[] = [];
  for (let offset = text.indexOf(mark); offset >= 0; offset = text.indexOf(mark, offset + mark.length)) offsets.push(offset);
  return offsets;
}

/** The ends of all intervals, oldest first; when an instance has used them up it begins again under new ids. */
export function listInstants({ intervalMinutes }: Sending): string[] {
  const intervals = Math.min(MAX_INTERVALS, Math.floor(MAX_AGE_MINUTES / intervalMinutes));
  const newest = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  return Array.from({ length: intervals + 1 }, (_, index) => new Date(newest - (intervals - index) * intervalMinutes * MINUTE_MS).toISOString());
}

function fill(instance: Instance, reports: number, instants: readonly string[]): Buffer {
  const { bytes, offsets } = instance.template;
  const request = Buffer.allocUnsafe(bytes.length);
  bytes.copy(request);
  for (const offset of offsets.customerId) request.write(instance.account.customerId, offset, 'latin1');
  for (const offset of offsets.instance) request.write(instance.name, offset, 'latin1');
  for (let index = 0; index < reports; index += 1) {
    const interval = instance.sent % (instants.length - 1);
    put(request, offsets.start[index], instants[interval]);
    put(request, offsets.end[index], instants[interval + 1]);
    if (offsets.reportId[index] !== undefined) {
      const reportId = randomUUID();
      put(request, offsets.reportId[index], reportId);
      // Any 32 hex digits: the control plane keeps them, and only an agent can say whether they are right.
      put(request, offsets.previousHash[index], reportId.replaceAll('-', ''));
    }
    if (offsets.sequence[index] !== undefined) put(request, offsets.sequence[index], String(FIRST_SEQUENCE + instance.sent));
    instance.sent += 1;
  }
  return request;
}

function put(request: Buffer, offset: number | undefined, value: string | undefined): void {
  if (offset !== undefined && value !== undefined) request.write(value, offset, 'latin1');
}
