import { createHash } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { z } from 'zod';
import { ConfigError } from './config.ts';

/** A mail on its way. */
export interface Mail {
  id: string;
  /** What it is about, once: `trial-ending:cust_…:3`. */
  key: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  createdAt: Date;
  /** Where one POST stops such mails (RFC 8058); null or absent where they cannot be stopped. */
  unsubscribeUrl?: string | null;
}

/**
 * Why a mail was not sent. `LATER`: refused for now. `AWAY`: there is no server to ask, so that the next mail need not
 * try. `NEVER`: refused for good. `UNKNOWN`: the line was lost when the server had the mail, or a part of it.
 */
export class MailNotSent extends Error {
  constructor(
    readonly outcome: 'LATER' | 'AWAY' | 'NEVER' | 'UNKNOWN',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'MailNotSent';
  }
}

export interface MailTransport {
  /** Whether the same mail sent twice is one mail. */
  readonly isIdempotent: boolean;
  /** @param signal gives up while the mail is still ours; what was handed over is waited for. @throws MailNotSent */
  send(mail: Mail, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** What a process that sends mail understands; one of the first two is needed. */
export const mailConfig = {
  /** Such as smtps://user:password@mail.example:465 */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Where mails are written to as files while there is no SMTP_URL. */
  MAIL_DIR: z.string().optional(),
  MAIL_FROM: z.string().default('Iotistic <billing@iotistic.local>'),
};

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;
/** The longest that one mail takes: shorter than the time after which its sender counts as dead. */
const SEND_TIMEOUT_MS = 120_000;

/** @throws ConfigError when there is neither a server nor a folder. */
export function createMailTransport(options: { smtpUrl: string | undefined; directory: string | undefined; from: string }): MailTransport {
  if (options.smtpUrl !== undefined) return smtpTransport(options.smtpUrl, options.from);
  if (options.directory !== undefined) return fileTransport(options.directory, options.from);
  throw new ConfigError(['SMTP_URL: says nothing of where mails go; set it, or MAIL_DIR to a folder for files']);
}

/** The same for each attempt, down to the boundary between its parts, so that whoever has it twice can tell. */
function messageOf(mail: Mail, from: string): SendMailOptions & { messageId: string } {
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    from,
    // An object is one address, whatever its text says.
    to: { name: '', address: mail.to },
    subject: headerText(mail.subject),
    text: mail.text,
    html: mail.html,
    messageId: `<${mail.id}@${domain}>`,
    date: mail.createdAt,
    headers: { 'Auto-Submitted': 'auto-generated', ...unsubscribeHeaders(mail.unsubscribeUrl ?? null) },
    baseBoundary: mail.id,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** Of an encoded word (RFC 2047): with its frame of 12 characters and the header's name it fits a line, in base64. */
const MAX_WORD_BYTES = 36;

/**
 * A text that reads back as it is: one that looks encoded already, such as a name with `=?` in it, would be decoded by the reader
 * to something else. All other texts are encoded by the library.
 */
function headerText(text: string): string {
  if (!text.includes('=?')) return text;
  const words = [''];
  for (const character of text.replaceAll(/[\r\n]+/g, ' ')) {
    const last = words.at(-1) ?? '';
    if (Buffer.byteLength(last + character) > MAX_WORD_BYTES) words.push(character);
    else words[words.length - 1] = last + character;
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

/** The button of the reader's mail program (RFC 2369, and RFC 8058 for one click). An address is one line of ASCII: no client folds or encodes it wrongly. */
function unsubscribeHeaders(url: string | null): Record<string, string> {
  return url === null ? {} : { 'List-Unsubscribe': `<${new URL(url).href}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

function smtpTransport(url: string, from: string): MailTransport {
  const mailer = createTransport({ url, pool: true, maxConnections: 2, connectionTimeout: CONNECT_TIMEOUT_MS, greetingTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_TIMEOUT_MS });
  /** What each message is read from, by its id: one that was read from was handed over, at least in part. */
  const sources = new Map<string, Readable[]>();
  mailer.use('stream', (mail, done) => {
    mail.message.processFunc((source) => {
      sources.get(String(mail.data.messageId))?.push(source as Readable);
      return source;
    });
    done();
  });

  return {
    isIdempotent: false,
    async send(mail, signal) {
      const message = messageOf(mail, from);
      const own: Readable[] = [];
      sources.set(message.messageId, own);
      const wasHandedOver = (): boolean => own.some((source) => source.readableDidRead);
      const giveUp = new AbortController();
      const onClosing = (): void => {
        if (!wasHandedOver()) giveUp.abort();
      };
      const timer = setTimeout(() => giveUp.abort(), SEND_TIMEOUT_MS);
      signal?.addEventListener('abort', onClosing);
      if (signal?.aborted === true) onClosing();
      try {
        await mailer.sendMail({ ...message, signal: giveUp.signal });
      } catch (error) {
        throw new MailNotSent(outcomeOf(error, wasHandedOver()), (error as Error).message, { cause: error });
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onClosing);
        sources.delete(message.messageId);
      }
    },
    close: () => mailer.close(),
  };
}

/** A server that answered has decided; of its answers only those to the mail itself are about the mail. */
function outcomeOf(error: unknown, wasHandedOver: boolean): MailNotSent['outcome'] {
  const { code, responseCode, permanent } = error as { code?: string; responseCode?: number; permanent?: boolean };
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (responseCode === undefined) return isAboutMail ? 'NEVER' : wasHandedOver ? 'UNKNOWN' : 'AWAY';
  if (!isAboutMail) return 'AWAY';
  return permanent === true ? 'NEVER' : 'LATER';
}

const MAX_NAME_CHARACTERS = 60;

/** Named by time and key: written again, it is the same file. */
function fileNameOf(mail: Mail): string {
  const time = mail.createdAt.toISOString().replaceAll(/[:.]/g, '-');
  const words = mail.key.replaceAll(/[^\w-]+/g, '-').slice(0, MAX_NAME_CHARACTERS);
  return `${time}-${words}-${createHash('sha256').update(mail.key).digest('hex').slice(0, 8)}.eml`;
}

function fileTransport(directory: string, from: string): MailTransport {
  const mailer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    isIdempotent: true,
    async send(mail) {
      try {
        const { message } = await mailer.sendMail(messageOf(mail, from));
        await mkdir(directory, { recursive: true });
        await writeWhole(join(directory, fileNameOf(mail)), message as Buffer);
      } catch (error) {
        throw new MailNotSent((error as { code?: string }).code === 'EENVELOPE' ? 'NEVER' : 'AWAY', (error as Error).message, { cause: error });
      }
    },
    close: () => mailer.close(),
  };
}

async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(`${file}.next`, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.next`, file);
}
