import { newId } from '@iotistic/contracts/ids';
import { type Generated, type Insertable, type Kysely, sql, type Updateable } from 'kysely';
import type { Clock } from './clock.ts';
import type { Db, Tx } from './database.ts';
import type { Log } from './log.ts';
import { type Mail, MailNotSent, type MailTransport } from './mail.ts';
import type { MailMetrics } from './mail-metrics.ts';

export type MailStatus = 'PENDING' | 'SENDING' | 'SENT' | 'UNKNOWN' | 'FAILED';

/** The part of a subgraph's tables that its mails are (createMailTables makes it). */
export interface MailTables {
  mails: {
    id: string;
    key: string;
    recipient: string;
    subject: string;
    text_body: string;
    html_body: string;
    created_at: Date;
    status: MailStatus;
    attempts: number;
    last_error: string | null;
    sent_at: Date | null;
    /** When it is tried again; while it is being sent, when whoever sends it counts as dead. */
    next_attempt_at: Date;
    /** Where a program stops such mails for the reader by one POST; null on those that cannot be stopped. */
    unsubscribe_url: Generated<string | null>;
  };
}

/** For a migration. */
export async function createMailTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table mails (
      id text primary key,
      key text not null unique,
      recipient text not null,
      subject text not null,
      text_body text not null,
      html_body text not null,
      created_at timestamptz not null,
      status text not null check (status in ('PENDING', 'SENDING', 'SENT', 'UNKNOWN', 'FAILED')),
      attempts integer not null,
      last_error text,
      sent_at timestamptz,
      next_attempt_at timestamptz not null,
      unsubscribe_url text
    )`.execute(db);
  await sql`create index mails_due on mails (next_attempt_at) where status in ('PENDING', 'SENDING')`.execute(db);
}

const SENDER_DIES_AFTER_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;
/** One minute doubled up to six hours: the last attempt is some three days after the first. */
const MAX_ATTEMPTS = 20;
const MAX_PER_RUN = 200;
const MAX_ERROR_CHARACTERS = 500;

/** Writes a mail in the transaction of what it tells. The same key twice is one mail; the answer says whether it is new. */
export async function enqueueMail(tx: Tx<MailTables & object>, mail: { key: string; to: string; subject: string; text: string; html: string; at: Date; unsubscribeUrl?: string }): Promise<boolean> {
  const row: Insertable<MailTables['mails']> = { id: newId('mail'), key: mail.key, recipient: mail.to, subject: mail.subject, text_body: mail.text, html_body: mail.html, created_at: mail.at, status: 'PENDING' as const, attempts: 0, last_error: null, sent_at: null, next_attempt_at: mail.at, unsubscribe_url: mail.unsubscribeUrl ?? null };
  const inserted = await (tx as Tx<MailTables>)
    .insertInto('mails')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id')
    .execute();
  return inserted.length > 0;
}

/** Those of the keys of which there is a mail. */
export async function findKnownMails(db: Db<MailTables & object>, keys: readonly string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await (db as unknown as Db<MailTables>).selectFrom('mails').select('key').where('key', 'in', keys).execute();
  return new Set(rows.map(({ key }) => key));
}

/** Mails that did not go out. */
export interface MailBacklog {
  waiting: number;
  /** Of those that wait; null when none does. */
  oldestCreatedAt: Date | null;
  /** Given up since then. */
  failed: number;
  /** Written since then, and nobody knows whether they arrived. */
  unknown: number;
}

export async function countUnsentMails(db: Db<MailTables & object>, since: Date): Promise<MailBacklog> {
  const { rows } = await sql<{ waiting: number; oldest: Date | null; failed: number; unknown: number }>`
    select count(*) filter (where status in ('PENDING', 'SENDING')) as waiting, min(created_at) filter (where status in ('PENDING', 'SENDING')) as oldest,
      count(*) filter (where status = 'FAILED' and created_at >= ${since}) as failed, count(*) filter (where status = 'UNKNOWN' and created_at >= ${since}) as unknown
    from mails where status <> 'SENT'`.execute(db);
  const [found] = rows;
  return { waiting: found?.waiting ?? 0, oldestCreatedAt: found?.oldest ?? null, failed: found?.failed ?? 0, unknown: found?.unknown ?? 0 };
}

export interface MailDelivery {
  db: Db<MailTables>;
  transport: MailTransport;
  clock: Clock;
  log: Log;
  metrics?: MailMetrics;
  /** Ends the delivery after the mail at hand. */
  signal?: AbortSignal;
}

/**
 * Sends what is due, one by one; any number of processes may do so at once. No mail is sent twice: one whose fate is not
 * known stays UNKNOWN, for a person to look at. A run ends after so many: other work of the schedule waits for it.
 * Answers how many were sent.
 */
export async function deliverMails(delivery: MailDelivery): Promise<number> {
  await settleAbandoned(delivery);
  let sent = 0;
  for (let tried = 0; tried < MAX_PER_RUN && delivery.signal?.aborted !== true; tried += 1) {
    const mail = await claimMail(delivery);
    if (mail === null) break;
    const outcome = await deliver(delivery, mail);
    if (outcome === 'SENT') sent += 1;
    // Those behind it would only wait as long for the same.
    if (outcome === 'AWAY') break;
  }
  return sent;
}

interface ClaimedMail extends Mail {
  /** Of this attempt, counted from 1: tells it from one that another begins when this one counts as dead. */
  attempt: number;
}

/** Marks the next mail that is due as being sent, before it is: who dies in between leaves a trace. */
async function claimMail({ db, clock }: MailDelivery): Promise<ClaimedMail | null> {
  const now = clock.now();
  const due = db.selectFrom('mails').select('id').where('status', '=', 'PENDING').where('next_attempt_at', '<=', now).orderBy('next_attempt_at').orderBy('id').limit(1).forUpdate().skipLocked();
  const row = await db
    .updateTable('mails')
    .set((eb) => ({ status: 'SENDING' as const, attempts: eb('attempts', '+', 1), next_attempt_at: new Date(now.getTime() + SENDER_DIES_AFTER_MS) }))
    .where('id', '=', due)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return null;
  return { id: row.id, key: row.key, to: row.recipient, subject: row.subject, text: row.text_body, html: row.html_body, createdAt: row.created_at, unsubscribeUrl: row.unsubscribe_url, attempt: row.attempts };
}

async function deliver(delivery: MailDelivery, mail: ClaimedMail): Promise<'SENT' | MailNotSent['outcome']> {
  const { transport, clock, log, signal } = delivery;
  try {
    await transport.send(mail, signal);
  } catch (err) {
    const outcome = err instanceof MailNotSent ? err.outcome : 'UNKNOWN';
    const status = statusAfter(outcome, mail.attempt, transport);
    log.warn({ err, mail: mail.id, key: mail.key, attempt: mail.attempt, status }, 'a mail was not sent');
    delivery.metrics?.attempted(status);
    await settle(delivery, mail, { status, last_error: (err as Error).message.slice(0, MAX_ERROR_CHARACTERS), next_attempt_at: new Date(clock.now().getTime() + pauseMs(mail.attempt)) });
    return outcome;
  }
  await settle(delivery, mail, { status: 'SENT', sent_at: clock.now(), last_error: null });
  delivery.metrics?.attempted('SENT');
  return 'SENT';
}

function statusAfter(outcome: MailNotSent['outcome'], attempt: number, transport: MailTransport): MailStatus {
  if (outcome === 'NEVER') return 'FAILED';
  if (outcome === 'UNKNOWN' && !transport.isIdempotent) return 'UNKNOWN';
  return attempt >= MAX_ATTEMPTS ? 'FAILED' : 'PENDING';
}

function pauseMs(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

/** Who was only slow, and counted as dead meanwhile, still says how it ended. */
async function settle({ db }: MailDelivery, mail: ClaimedMail, values: Updateable<MailTables['mails']>): Promise<void> {
  await db.updateTable('mails').set(values).where('id', '=', mail.id).where('attempts', '=', mail.attempt).where('status', 'in', ['SENDING', 'UNKNOWN']).execute();
}

/** What somebody was sending who died: only where twice is as good as once it is sent again. */
async function settleAbandoned({ db, transport, clock, log }: MailDelivery): Promise<void> {
  const now = clock.now();
  const abandoned = await db
    .updateTable('mails')
    .set({ status: transport.isIdempotent ? 'PENDING' : 'UNKNOWN', last_error: 'whoever was sending it ended before it said how that went', next_attempt_at: now })
    .where('status', '=', 'SENDING')
    .where('next_attempt_at', '<=', now)
    .returning('id')
    .execute();
  if (abandoned.length > 0) log.warn({ mails: abandoned.map(({ id }) => id) }, 'mails were left unfinished');
}
