/** The mails that we write, read by another program: Python's own parser, which says what it faults. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMailTransport, type Mail } from './mail.ts';

const run = promisify(execFile);
const isMissing = spawnSync('python3', ['-c', 'import email.policy']).status !== 0;

interface ReadMail {
  faults: string[];
  count: Record<string, number>;
  subject: string;
  from: [name: string, address: string][];
  to: [name: string, address: string][];
  date: string;
  messageId: string;
  unsubscribe: string;
  oneClick: string;
  text: string;
  html: string;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iotistic-mails-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PLAIN: Mail = { id: 'mail_1', key: 'k', to: 'ada@example.com', subject: 'Your trial ends in 3 days', text: 'Hello,\n\nYour trial ends.', html: '<p>Hello</p>', createdAt: new Date('2026-12-20T12:00:00.000Z') };

async function readBack(mail: Partial<Mail>, from = 'Iotistic <billing@iotistic.example>'): Promise<ReadMail> {
  const transport = createMailTransport({ smtpUrl: undefined, directory: folder, from });
  await transport.send({ ...PLAIN, ...mail });
  transport.close();
  const { stdout } = await run('python3', [join(import.meta.dirname, 'read-mails.py'), folder]);
  const [read] = JSON.parse(stdout) as ReadMail[];
  if (read === undefined) throw new Error('no mail was written');
  return read;
}

const ONCE = { From: 1, To: 1, Subject: 1, Date: 1, 'Message-ID': 1, 'MIME-Version': 1 };

describe.skipIf(isMissing)('a mail, as Python reads it', () => {
  it('has each header once, its time in UTC and an id of its own', async () => {
    expect(await readBack({})).toEqual({
      faults: [],
      count: ONCE,
      subject: PLAIN.subject,
      from: [['Iotistic', 'billing@iotistic.example']],
      to: [['', 'ada@example.com']],
      date: '2026-12-20T12:00:00+00:00',
      messageId: '<mail_1@iotistic.example>',
      unsubscribe: '',
      oneClick: '',
      text: PLAIN.text,
      html: PLAIN.html,
    });
  });

  it.each([
    ['German', 'Ihre Geräte in Würzburg: 80 % von „allem“ sind erreicht'],
    ['Japanese, of two hundred characters', '計測機器の上限に達しました'.repeat(16)],
    ['emoji, joined', 'Instance 👩‍🚀🏳️‍🌈 of Zoë stopped reporting 🚨'],
    ['right to left', 'الجهاز توقف عن الإرسال'],
    ['something that looks encoded', 'Your instance =?utf-8?Q?prod?= stopped reporting'],
    ['something that looks encoded, in Japanese', `計測 =?utf-8?B?AAAA?= ${'計測機器'.repeat(20)}`],
    ['one long word', `Your instance ${'x'.repeat(63)}.${'y'.repeat(63)} stopped reporting`],
  ])('keeps a subject in %s', async (_what, subject) => {
    const { faults, subject: read } = await readBack({ subject });
    expect({ faults, read }).toEqual({ faults: [], read: subject });
  });

  it('is one header, whatever line ends a name has in it', async () => {
    const { faults, count } = await readBack({ subject: 'Hello\r\nBcc: eve@example.com\r\n\r\nspam' });
    expect({ faults, count }).toEqual({ faults: [], count: ONCE });
  });

  it.each([
    ["o'brien+tag@example.com", "o'brien+tag@example.com"],
    ['ada.lovelace@sub.example.co.uk', 'ada.lovelace@sub.example.co.uk'],
    ['a_b-c=d@example.com', 'a_b-c=d@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ])('goes to %s', async (to, expected) => {
    const read = await readBack({ to });
    expect({ faults: read.faults, to: read.to }).toEqual({ faults: [], to: [['', expected]] });
  });

  it.each([
    ['"Iotistic, Inc." <billing@iotistic.example>', 'Iotistic, Inc.'],
    ['Iotistic Zürich <billing@iotistic.example>', 'Iotistic Zürich'],
  ])('comes from %s', async (sender, name) => {
    const { faults, from } = await readBack({}, sender);
    expect({ faults, from }).toEqual({ faults: [], from: [[name, 'billing@iotistic.example']] });
  });

  it('keeps a text with dots, long lines, other scripts and what looks like a header', async () => {
    const text = ['Hello Zoë 👋,', '.', '..', 'From here on', `${'long '.repeat(500)}end`, 'x'.repeat(2_000), '--mail_1', 'Subject: no'].join('\n\n');
    const read = await readBack({ text, html: `<p>${'é'.repeat(3_000)}</p>` });
    expect(read.faults).toEqual([]);
    expect(read.text.trimEnd()).toBe(text);
    expect(read.html.trimEnd()).toBe(`<p>${'é'.repeat(3_000)}</p>`);
  });

  it('has the button that stops such mails, whole', async () => {
    const unsubscribeUrl = `https://console.example/api/mails/unsubscribe?kind=USAGE_ANOMALIES&token=${'t'.repeat(32)}`;
    const read = await readBack({ unsubscribeUrl });
    expect([read.faults, read.unsubscribe, read.oneClick]).toEqual([[], `<${unsubscribeUrl}>`, 'List-Unsubscribe=One-Click']);
  });
});
