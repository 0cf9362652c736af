/** The subscribers, all in one process of their own: says when an event has reached the last of them. */
import { WebSocket } from 'ws';

export interface ClientsOrder {
  url: string;
  connectionParams: Record<string, string>;
  subscribers: number;
  query: string;
  variables: object;
}

export interface EventReached {
  kind: 'reached';
  /** What the report carried as activeDevices. */
  event: number;
  /** Of `process.hrtime`, which all processes of a machine share; nanoseconds as text. */
  firstAt: string;
  lastAt: string;
  bytes: number;
  sample: string;
}

interface Arrivals {
  count: number;
  firstAt: bigint;
  bytes: number;
}

/** Few at a time: a server may limit how many have not said who they are. */
const CONNECTING_AT_ONCE = 50;
const EVENT_NUMBER = /"activeDevices":(\d+)/;

const events = new Map<number, Arrivals>();

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
process.once('message', (order: ClientsOrder) => {
  connectAll(order).then(
    () => process.send?.({ kind: 'subscribed' }),
    (error: unknown) => fail(String(error)),
  );
});
process.send?.({ kind: 'ready' });

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

async function connectAll(order: ClientsOrder): Promise<void> {
  let left = order.subscribers;
  const connectSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await connect(order);
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome));
}

function connect(order: ClientsOrder): Promise<void> {
  const socket = new WebSocket(order.url, 'graphql-transport-ws', { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: order.connectionParams })));
    socket.on('error', reject);
    socket.on('close', (code, reason) => fail(`a socket was closed: ${code} ${reason.toString()}`));
    socket.on('message', (data: Buffer) => {
      const text = data.toString('latin1');
      if (text.includes('"type":"next"')) arrive(text, order.subscribers);
      else if (text.includes('"connection_ack"')) socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: order.query, variables: order.variables } }), () => resolve());
      else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}');
      else if (!text.includes('"type":"pong"')) fail(`not expected: ${text}`);
    });
  });
}

function arrive(text: string, subscribers: number): void {
  const at = process.hrtime.bigint();
  const event = Number(EVENT_NUMBER.exec(text)?.[1]);
  if (Number.isNaN(event)) return fail(`not an event: ${text}`);
  const arrivals = events.get(event) ?? { count: 0, firstAt: at, bytes: text.length };
  if (text.length !== arrivals.bytes) return fail(`subscribers got different events: ${text}`);
  arrivals.count += 1;
  events.set(event, arrivals);
  if (arrivals.count === subscribers) process.send?.({ kind: 'reached', event, firstAt: String(arrivals.firstAt), lastAt: String(at), bytes: text.length, sample: text } satisfies EventReached);
}
