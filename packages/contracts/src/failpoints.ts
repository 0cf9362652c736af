/**
 * Named places where a process can be made to die, to fail or to stop for a while: between two steps that random kills never
 * part. For tests alone. Off unless FAILPOINTS names some, and refused in production. A place costs one comparison while off.
 */
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Each place: between what and what it stands. docs/reliability.md lists the same names. */
export const FAILPOINTS = {
  'subgraph.answering': 'a request was carried out and committed; its answer has not been written',
  'pipeline.committing': 'the outcome of reports is decided; the transaction that stores them has not been committed',
  'pipeline.committed': 'the transaction that stores reports is committed; nobody has been answered',
  'relay.queued': 'events are in the queues of their readers; they are not marked as handed on',
  'inbox.handling': 'an event was taken from its queue; its effect has not begun',
  'inbox.handled': 'the effect of an event is committed; the row that says so is not written',
  'exclusive.locked': 'an advisory lock is held; the work under it has not begun',
  'exclusive.done': 'the work under an advisory lock is done; the lock is still held',
  'usage.measuring': 'quantities are saved and their events published; the transaction has not been committed',
  'usage.measured': 'quantities and their events are committed; the next measurement has not begun',
  'billing.sending': "the row of a meter event says SENDING; Stripe has not been called",
  'billing.stripe-answered': 'Stripe took a meter event; the row does not say so yet',
  'billing.change-begun': 'the row of an operation says that it was begun; Stripe has not been called',
  'billing.change-answered': 'Stripe carried out an operation; nothing of it is stored',
  'billing.true-up-answered': "Stripe made a true-up's invoice item; the row does not say so yet",
  'billing.webhook-stored': "Stripe's event is stored; Stripe has not been answered",
  'billing.webhook-applying': "Stripe's event was taken up; its customer has not been read from Stripe",
  'billing.webhook-applied': "Stripe's event is applied; its row does not say so yet",
  'licensing.issuing': 'the lock of a customer is held and what it has is read; nothing is written',
  'licensing.signed': 'a license is signed and written; the transaction has not been committed',
  'licensing.issued': 'a license is committed; nobody has been notified',
  'customers.deployment-claimed': 'the lease of a deployment is held; none of its steps has begun',
  'customers.deployment-step': 'a step of a deployment is done; the next one is not noted',
  'agent.report-written': 'a report is appended to the spool; it is not fsynced',
  'agent.report-synced': 'a report is fsynced; the agent does not count it as kept yet',
  'agent.report-answered': 'the control plane answered for reports; the spool still holds them',
  'agent.file-written': 'the new version of a file is written and fsynced; the old one is still in its place',
  'agent.license-replaced': 'the first license file is replaced; its copy is still the old one',
} as const;
export type FailpointName = keyof typeof FAILPOINTS;

/** What a failpoint throws. */
export class FailpointError extends Error {
  constructor(name: FailpointName) {
    super(`the failpoint ${name} fails`);
    this.name = 'FailpointError';
  }
}

type Action = { kind: 'kill' } | { kind: 'throw' } | { kind: 'delay'; delayMs: number };
type When = { kind: 'probability'; probability: number } | { kind: 'nth'; nth: number };

interface ArmedFailpoint {
  action: Action;
  when: When;
  hits: number;
  next: () => number;
}

const MAX_DELAY_MS = 60_000;
const STDERR = 2;
const RULE = /^([a-z][a-z.-]*)=(kill|throw|delay\((\d{1,5})\))(?:@(once|nth\((\d{1,6})\)|0?\.\d{1,6}|1))?$/;

let armed: Map<FailpointName, ArmedFailpoint> | null = null;

/**
 * Arms what `text` names, in place of what was armed before: `name=action@when`, separated by semicolons.
 * Actions are `kill` (SIGKILL to this process), `throw` and `delay(ms)`; `when` is a probability up to 1, `once`, or
 * `nth(n)` for the nth time alone; always, where it is not given. `seed=n` decides the draws.
 * @returns what is wrong with it, a sentence each; nothing is armed then.
 */
export function armFailpoints({ FAILPOINTS: text, NODE_ENV: mode }: { FAILPOINTS?: string | undefined; NODE_ENV?: string | undefined }): string[] {
  armed = null;
  if (text === undefined || text.trim() === '') return [];
  if (mode === 'production') return ['FAILPOINTS: is for tests, and refused with NODE_ENV=production'];
  const parts = text.split(';').map((part) => part.trim()).filter((part) => part !== '');
  const seeds = parts.flatMap((part) => /^seed=(\d{1,10})$/.exec(part)?.[1] ?? []);
  const rules = parts.filter((part) => !part.startsWith('seed='));
  const read = new Map<FailpointName, ArmedFailpoint>();
  const problems = seeds.length === parts.length - rules.length && seeds.length <= 1 ? [] : ['FAILPOINTS: the seed is one whole number'];
  for (const rule of rules) {
    const found = readRule(rule, Number(seeds[0] ?? 1));
    if (typeof found === 'string') problems.push(found);
    else if (read.has(found.name)) problems.push(`FAILPOINTS: ${found.name} is named twice`);
    else read.set(found.name, found.failpoint);
  }
  if (problems.length === 0 && read.size > 0) armed = read;
  return problems;
}

function readRule(rule: string, seed: number): { name: FailpointName; failpoint: ArmedFailpoint } | string {
  const [, name = '', action = '', delayMs = '', when = '1', nth = ''] = RULE.exec(rule) ?? [];
  if (name === '' || Number(delayMs) > MAX_DELAY_MS) return 'FAILPOINTS: a rule is not name=kill, name=throw or name=delay(ms) with ms up to 60000, followed by nothing, @once, @nth(n) or @ a probability';
  if (!Object.hasOwn(FAILPOINTS, name)) return `FAILPOINTS: there is no failpoint ${name}`;
  const isNth = when === 'once' || nth !== '';
  return {
    name: name as FailpointName,
    failpoint: {
      action: action === 'kill' || action === 'throw' ? { kind: action } : { kind: 'delay', delayMs: Number(delayMs) },
      when: isNth ? { kind: 'nth', nth: nth === '' ? 1 : Number(nth) } : { kind: 'probability', probability: Number(when) },
      hits: 0,
      next: drawsOf(`${seed} ${name}`),
    },
  };
}

/** The place itself. What it does is awaited, unless it is off. @throws FailpointError */
export function failpoint(name: FailpointName): Promise<void> | undefined {
  return armed === null ? undefined : hit(name, armed.get(name));
}

async function hit(name: FailpointName, at: ArmedFailpoint | undefined): Promise<void> {
  if (at === undefined) return;
  at.hits += 1;
  const isDue = at.when.kind === 'nth' ? at.hits === at.when.nth : at.next() < at.when.probability;
  if (!isDue) return;
  // At once and by no log: what is killed writes nothing afterwards.
  writeSync(STDERR, `failpoint ${name}: ${at.action.kind}\n`);
  if (at.action.kind === 'kill') process.kill(process.pid, 'SIGKILL');
  if (at.action.kind === 'throw') throw new FailpointError(name);
  if (at.action.kind === 'delay') await pause(at.action.delayMs);
}

/** The same numbers from 0 up to but without 1 for the same text (FNV-1a, then xorshift32). */
function drawsOf(text: string): () => number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  if (state === 0) state = 1;
  const step = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 4_294_967_296;
  };
  // The first ones are close together where texts are.
  for (let skipped = 0; skipped < 8; skipped += 1) step();
  return step;
}
