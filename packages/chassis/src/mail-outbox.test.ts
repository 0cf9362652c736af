import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestClock, type TestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import type { Selectable } from 'kysely';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import { findFreePort } from './free-port.ts';
import { createLog } from './log.ts';
import { createMailTransport, type Mail, MailNotSent, type MailTransport } from './mail.ts';
import { createMailTables, deliverMails, enqueueMail, type MailTables } from './mail-outbox.ts';
import { migrateSchema } from './migrate.ts';

const log = createLog({ level: 'silent', name: 'test' });
const FROM = 'Iotistic <billing@iotistic.example>';
let database: TestDatabase;
let mails: Database<MailTables>;
let clock: TestClock;
let transport: MailTransport;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'mails', migrate: (url) => migrateSchema({ url, schema: 'billing', migrations: { '0001_mails': { up: createMailTables } }, log }) });
  mails = openDatabase({ url: database.url, schema: 'billing', log });
});
afterAll(async () => {
  await mails.close();
  await database.drop();
});
beforeEach(() => {
  clock = createTestClock();
  folder = mkdtempSync(join(tmpdir(), 'iotistic-mail-'));
});
afterEach(async () => {
  transport.close();
  await mails.db.deleteFrom('mails').execute();
  rmSync(folder, { recursive: true, force: true });
});

async function enqueue(key = 'trial-ending:cust_1:3', to = 'ada@example.com'): Promise<boolean> {
  return mails.db.transaction().execute((tx) => enqueueMail(tx, { key, to, subject: 'Zwei Tage übrig', text: 'Grüße 👋\n.\nEnde', html: '<p>Grüße 👋</p>', at: clock.now() }));
}
const deliver = (options: { signal?: AbortSignal; by?: MailTransport } = {}): Promise<number> => deliverMails({ db: mails.db, transport: options.by ?? transport, clock, log, ...(options.signal === undefined ? {} : { signal: options.signal }) });
const row = (): Promise<Selectable<MailTables['mails']>> => mails.db.selectFrom('mails').selectAll().executeTakeFirstOrThrow();
const statuses = async (): Promise<string[]> => (await mails.db.selectFrom('mails').select('status').orderBy('key').execute()).map(({ status }) => status);
const toFolder = (): MailTransport => createMailTransport({ smtpUrl: undefined, directory: join(folder, 'out'), from: FROM });
const written = (): string[] => (existsSync(join(folder, 'out')) ? readdirSync(join(folder, 'out')) : []);

describe('a mail to be sent', () => {
  it('leaves others of the schedule their turn: a run ends after two hundred, and the next goes on', async () => {
    transport = toFolder();
    const silent: MailTransport = { ...transport, isIdempotent: transport.isIdempotent, send: () => Promise.resolve(), close: () => transport.close() };
    for (let n = 0; n < 205; n += 1) await enqueue(`many:${n}`);
    expect(await deliver({ by: silent })).toBe(200);
    expect(await deliver({ by: silent })).toBe(5);
  }, 180_000);

  it('is one for each key, whoever asks for it again', async () => {
    transport = toFolder();
    expect([await enqueue(), await enqueue(), await enqueue('other')]).toEqual([true, false, true]);
    expect(await deliver()).toBe(2);
    expect(await deliver()).toBe(0);
    expect([written().length, await statuses()]).toEqual([2, ['SENT', 'SENT']]);
  });

  it('is not sent when what it tells did not happen', async () => {
    transport = toFolder();
    const attempt = mails.db.transaction().execute(async (tx) => {
      await enqueueMail(tx, { key: 'a', to: 'a@example.com', subject: 's', text: 't', html: 'h', at: clock.now() });
      throw new Error('rolled back');
    });
    await expect(attempt).rejects.toThrow('rolled back');
    expect([await deliver(), written()]).toEqual([0, []]);
  });

  it('needs to know where mails go', () => {
    transport = toFolder();
    expect(() => createMailTransport({ smtpUrl: undefined, directory: undefined, from: FROM })).toThrow(ConfigError);
  });
});

describe('a mail as a file', () => {
  it('is a whole message, named by its time and key', async () => {
    transport = toFolder();
    await enqueue();
    await deliver();
    const [name = ''] = written();
    expect(name).toMatch(/^2026-11-20T12-00-00-000Z-trial-ending-cust_1-3-[0-9a-f]{8}\.eml$/);
    const text = readFileSync(join(folder, 'out', name), 'utf8');
    expect(text).toContain('From: Iotistic <billing@iotistic.example>\r\n');
    expect(text).toContain('To: ada@example.com\r\n');
    expect(text).toContain(`Message-ID: <${(await row()).id}@iotistic.example>\r\n`);
    expect(text).toContain('Date: Fri, 20 Nov 2026 12:00:00 +0000\r\n');
    expect(text).toContain('Content-Type: multipart/alternative;');
  });

  it('written twice is the same file, so that one left unfinished is written again', async () => {
    transport = toFolder();
    await enqueue();
    await deliver();
    const [name = ''] = written();
    const first = readFileSync(join(folder, 'out', name));
    await mails.db.updateTable('mails').set({ status: 'SENDING' }).execute();
    clock.advance({ minutes: 6 });
    expect(await deliver()).toBe(1);
    expect([written(), readFileSync(join(folder, 'out', name)).equals(first)]).toEqual([[name], true]);
  });

  it('goes to one address, whatever that says', async () => {
    transport = toFolder();
    await enqueue('a', 'ada@example.com, eve@example.com\r\nBcc: eve@example.com');
    await deliver();
    const [name = ''] = written();
    const text = readFileSync(join(folder, 'out', name), 'utf8');
    expect(text).toContain('To: <"ada@example.com, eve@example.com Bcc: eve"@example.com>\r\n');
    expect(text).not.toMatch(/^Bcc:/m);
  });

  it('waits while its folder cannot be written to', async () => {
    transport = createMailTransport({ smtpUrl: undefined, directory: '/dev/null/mail', from: FROM });
    await enqueue();
    await enqueue('other');
    expect(await deliver()).toBe(0);
    expect((await mails.db.selectFrom('mails').select('attempts').orderBy('attempts').execute()).map(({ attempts }) => attempts)).toEqual([0, 1]);
    expect(await deliver({ by: toFolder() })).toBe(1);
    clock.advance({ minutes: 1 });
    expect(await deliver({ by: toFolder() })).toBe(1);
  });
});

describe('a mail by SMTP', () => {
  interface Received {
    from: string;
    to: string[];
    text: string;
  }
  /** What the server does with the next message once it has it; and with its recipient. */
  type Verdict = 'take' | 'cut' | number;
  let server: SMTPServer;
  let received: Received[];
  let verdicts: Verdict[];
  let recipients: number[];
  let port: number;
  const CUT = 0;
  const cutAll = (): void => {
    for (const connection of server.connections) (connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
  };

  beforeEach(async () => {
    received = [];
    verdicts = [];
    recipients = [];
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo(_address, _session, done) {
        const code = recipients.shift();
        if (code === CUT) cutAll();
        else done(code === undefined ? null : Object.assign(new Error('refused'), { responseCode: code }));
      },
      onData(stream, session, done) {
        let text = '';
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        stream.on('end', () => {
          received.push({ from: session.envelope.mailFrom === false ? '' : (session.envelope.mailFrom?.address ?? ''), to: session.envelope.rcptTo.map(({ address }) => address), text });
          const verdict = verdicts.shift() ?? 'take';
          if (verdict === 'take') done();
          else if (verdict === 'cut') cutAll();
          else done(Object.assign(new Error('refused'), { responseCode: verdict }));
        });
      },
    });
    server.on('error', () => undefined);
    port = await findFreePort();
    await listen();
    transport = createMailTransport({ smtpUrl: `smtp://127.0.0.1:${port}`, directory: undefined, from: FROM });
  });
  afterEach(async () => {
    transport.close();
    await stop();
  });
  const listen = (): Promise<void> =>
    new Promise((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
    });

  it('arrives whole, at whom it is for, under an id of its own', async () => {
    await enqueue();
    expect(await deliver()).toBe(1);
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ from: 'billing@iotistic.example', to: ['ada@example.com'] });
    expect(received[0]?.text).toContain(`Message-ID: <${(await row()).id}@iotistic.example>`);
    expect(await row()).toMatchObject({ status: 'SENT', attempts: 1, last_error: null, sent_at: clock.now() });
  });

  it.each([['the message', (): void => void verdicts.push(451)], ['the recipient', (): void => void recipients.push(450)]])('is tried again after a pause when %s is refused for now', async (_name, refuse) => {
    refuse();
    await enqueue();
    expect([await deliver(), (await row()).status]).toEqual([0, 'PENDING']);
    clock.advance({ seconds: 59 });
    expect(await deliver()).toBe(0);
    clock.advance({ seconds: 1 });
    expect([await deliver(), (await row()).status]).toEqual([1, 'SENT']);
  });

  it.each([['the message', (): void => void verdicts.push(550)], ['the recipient', (): void => void recipients.push(550)]])('fails when %s is refused for good, and those behind it do not wait', async (_name, refuse) => {
    refuse();
    await enqueue('a');
    clock.advance({ seconds: 1 });
    await enqueue('b');
    expect(await deliver()).toBe(1);
    expect(await statuses()).toEqual(['FAILED', 'SENT']);
    expect((await mails.db.selectFrom('mails').select('last_error').where('key', '=', 'a').executeTakeFirstOrThrow()).last_error).toContain('550');
  });

  it('is never sent again when the line was lost after it was handed over', async () => {
    verdicts.push('cut');
    await enqueue();
    expect([await deliver(), (await row()).status]).toEqual([0, 'UNKNOWN']);
    clock.advance({ days: 5 });
    expect([await deliver(), received.length]).toEqual([0, 1]);
  });

  it('is sent again when the line was lost before', async () => {
    recipients.push(CUT);
    await enqueue();
    expect([await deliver(), (await row()).status, received.length]).toEqual([0, 'PENDING', 0]);
    clock.advance({ minutes: 1 });
    expect([await deliver(), (await row()).status, received.length]).toEqual([1, 'SENT', 1]);
  });

  it('waits with all others while there is no server, and goes when it is back', async () => {
    await stop();
    await enqueue('a');
    await enqueue('b');
    expect([await deliver(), await statuses()]).toEqual([0, ['PENDING', 'PENDING']]);
    expect((await mails.db.selectFrom('mails').select('attempts').orderBy('attempts').execute()).map(({ attempts }) => attempts)).toEqual([0, 1]);
    server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'], onData: (stream, _session, done) => stream.resume().on('end', () => done()) });
    await listen();
    clock.advance({ minutes: 1 });
    expect(await deliver()).toBe(2);
  });

  it('is given up after some three days of refusals', async () => {
    await enqueue();
    const startedAt = clock.now().getTime();
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      verdicts.push(451);
      expect((await row()).status).toBe('PENDING');
      clock.set((await row()).next_attempt_at);
      await deliver();
    }
    expect(await row()).toMatchObject({ status: 'FAILED', attempts: 20 });
    expect((clock.now().getTime() - startedAt) / 86_400_000).toBeCloseTo(3, 0);
  });

  it('is sent once when two workers look at once', async () => {
    for (let index = 0; index < 20; index += 1) await enqueue(`key ${index}`, `user${index}@example.com`);
    const other = createMailTransport({ smtpUrl: `smtp://127.0.0.1:${port}`, directory: undefined, from: FROM });
    const [mine, theirs] = await Promise.all([deliver(), deliver({ by: other })]);
    other.close();
    expect(mine + theirs).toBe(20);
    expect(new Set(received.flatMap(({ to }) => to)).size).toBe(20);
    expect(received).toHaveLength(20);
  });

  it('whose sender died is not sent again; one that was only slow still says how it ended', async () => {
    await enqueue();
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const slow: MailTransport = { isIdempotent: false, send: () => ended, close: () => undefined };
    const sending = deliver({ by: slow });
    await waitFor(async () => expect((await row()).status).toBe('SENDING'));
    clock.advance({ minutes: 4 });
    expect([await deliver(), (await row()).status]).toEqual([0, 'SENDING']);
    clock.advance({ minutes: 1 });
    expect([await deliver(), (await row()).status, received.length]).toEqual([0, 'UNKNOWN', 0]);
    end();
    expect([await sending, (await row()).status]).toEqual([1, 'SENT']);
  });

  it('is left for the next process when this one stops', async () => {
    const stopping = new AbortController();
    await enqueue('a');
    await enqueue('b');
    const between: MailTransport = {
      isIdempotent: false,
      send(mail: Mail, signal?: AbortSignal) {
        stopping.abort();
        return signal?.aborted === true ? Promise.reject(new MailNotSent('AWAY', mail.id)) : Promise.resolve();
      },
      close: () => undefined,
    };
    expect([await deliver({ by: between, signal: stopping.signal }), await statuses()]).toEqual([0, ['PENDING', 'PENDING']]);
    clock.advance({ minutes: 1 });
    expect(await deliver()).toBe(2);
  });
});
