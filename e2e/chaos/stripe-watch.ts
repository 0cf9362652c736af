import type { ServerResponse } from 'node:http';
import type { Asked, Exchange } from './fault-proxy.ts';

/** One attempt of billing to tell Stripe what a meter stands at. */
interface Attempt {
  identifier: string;
  value: number;
  /** Stripe took it now, or had it before. */
  isTaken: boolean;
  /** Billing was told so. */
  isDelivered: boolean;
}

/** What passes between billing and Stripe's meters, written down on the wire: neither side's own account of it is believed. */
export class StripeWatch {
  readonly #attempts = new Map<string, Attempt[]>();
  readonly #underWay = new Map<string, { identifier: string; response: ServerResponse }>();
  /** Where two told Stripe of the same meter at once. */
  readonly overlaps: string[] = [];
  /** What was said to Stripe before it was written down that it is: whoever dies then does not know of it. */
  readonly unnoted: string[] = [];
  /** Whether billing has it written down; null where nobody can tell. */
  isNoted: (event: MeterEvent) => Promise<boolean | null> = () => Promise.resolve(null);

  readonly begin = async (asked: Asked, response: ServerResponse): Promise<void> => {
    if (!isMeterEvent(asked)) return;
    const event = readEvent(asked.body);
    const { key, identifier } = event;
    const other = this.#underWay.get(key);
    if (other !== undefined && !other.response.closed && !other.response.writableEnded) this.overlaps.push(`${key}: ${identifier} began while ${other.identifier} had no answer`);
    this.#underWay.set(key, { identifier, response });
    if ((await this.isNoted(event)) === false) this.unnoted.push(`${key}: ${identifier} (${event.value})`);
  };

  readonly see = (exchange: Exchange): void => {
    if (!isMeterEvent(exchange)) return;
    const { key, identifier, value } = readEvent(exchange.body);
    const attempts = this.#attempts.get(key) ?? [];
    this.#attempts.set(key, attempts);
    const { answer } = exchange;
    const isTaken = answer !== null && (answer.status === 200 || /already exists with identifier/.test(answer.body.toString()));
    attempts.push({ identifier, value, isTaken, isDelivered: exchange.isDelivered });
  };

  get taken(): number {
    return [...this.#attempts.values()].flat().filter(({ isTaken }) => isTaken).length;
  }

  /** How many events Stripe has, each counted once. */
  get distinct(): number {
    return new Set([...this.#attempts.values()].flat().filter(({ isTaken }) => isTaken).map(({ identifier }) => identifier)).size;
  }

  /** Where identifiers do not do what they are for. */
  problems(): string[] {
    return [...this.#attempts].flatMap(([key, attempts]) => [...unsteady(attempts), ...notRepeated(attempts), ...falling(attempts)].map((problem) => `${key}: ${problem}`));
  }
}

function isMeterEvent({ method, path }: Pick<Asked, 'method' | 'path'>): boolean {
  return method === 'POST' && path.startsWith('/v1/billing/meter_events');
}

export interface MeterEvent {
  /** Customer and meter. */
  key: string;
  stripeCustomerId: string;
  eventName: string;
  identifier: string;
  value: number;
}

function readEvent(body: Buffer): MeterEvent {
  const form = new URLSearchParams(body.toString());
  const [stripeCustomerId, eventName] = [form.get('payload[stripe_customer_id]') ?? '', form.get('event_name') ?? ''];
  return { key: `${stripeCustomerId} ${eventName}`, stripeCustomerId, eventName, identifier: form.get('identifier') ?? '', value: Number(form.get('payload[value]')) };
}

/** One identifier is one statement. */
function unsteady(attempts: readonly Attempt[]): string[] {
  const said = new Map<string, number>();
  return attempts.flatMap(({ identifier, value }) => {
    const before = said.get(identifier);
    said.set(identifier, before ?? value);
    return before === undefined || before === value ? [] : [`${identifier} said ${before}, then ${value}`];
  });
}

/** What billing was not told of may have been taken: before anything else is said of the meter it is said again, under its identifier. */
function notRepeated(attempts: readonly Attempt[]): string[] {
  return attempts.flatMap((attempt, index) => {
    const next = attempts[index + 1];
    if (attempt.isDelivered || next === undefined || next.identifier === attempt.identifier) return [];
    // A worker that was killed may have been answered by then, by what its successor said.
    const isKnown = attempts.slice(0, index).some((earlier) => earlier.identifier === attempt.identifier && earlier.isTaken);
    return isKnown ? [] : [`${attempt.identifier} (${attempt.value}) got no answer, and was followed by ${next.identifier} (${next.value})`];
  });
}

/** Within a period usage is only added to, and a gauge's peak only rises: a new statement that says less is an old one. */
function falling(attempts: readonly Attempt[]): string[] {
  const seen = new Set<string>();
  let highest = { identifier: '', value: 0 };
  return attempts.flatMap(({ identifier, value, isTaken }) => {
    if (!isTaken || seen.has(identifier)) return [];
    seen.add(identifier);
    const before = highest;
    if (value >= before.value) highest = { identifier, value };
    return value < before.value ? [`fell from ${before.value} (${before.identifier}) to ${value} (${identifier})`] : [];
  });
}
