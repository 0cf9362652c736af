import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/**
 * The kinds of mails that a customer may stop: none is about money or access. USAGE_WARNINGS: 80 % of what is included or
 * allowed. USAGE_ANOMALIES: usage far above what is usual, silent instances, two agents under one name. DEPLOYMENTS: one that failed.
 */
export const STOPPABLE_MAILS = ['USAGE_WARNINGS', 'USAGE_ANOMALIES', 'DEPLOYMENTS'] as const;
export type StoppableMail = (typeof STOPPABLE_MAILS)[number];

/** Whether each kind goes out. */
export interface MailPreferences {
  usageWarnings: boolean;
  usageAnomalies: boolean;
  deployments: boolean;
}

const KINDS: Readonly<Record<keyof MailPreferences, StoppableMail>> = { usageWarnings: 'USAGE_WARNINGS', usageAnomalies: 'USAGE_ANOMALIES', deployments: 'DEPLOYMENTS' };
const NAMES = Object.keys(KINDS) as (keyof MailPreferences)[];
const stoppableMail = z.enum(STOPPABLE_MAILS);

/** What a stranger calls a kind of mail; null for no kind of ours. */
export function parseStoppableMail(text: string | null): StoppableMail | null {
  return stoppableMail.safeParse(text).data ?? null;
}

export function preferencesOf(stopped: readonly string[]): MailPreferences {
  const goes = (name: keyof MailPreferences): boolean => !stopped.includes(KINDS[name]);
  return { usageWarnings: goes('usageWarnings'), usageAnomalies: goes('usageAnomalies'), deployments: goes('deployments') };
}

/** @param change what is absent or null stays as it is. @returns the kinds that are stopped afterwards */
export function changeStopped(stopped: readonly string[], change: Partial<Record<keyof MailPreferences, boolean | null | undefined>>): StoppableMail[] {
  const before = preferencesOf(stopped);
  return NAMES.filter((name) => !(change[name] ?? before[name])).map((name) => KINDS[name]);
}

/** What each kind is about, in the middle of a sentence. */
export const STOPPABLE_MAIL_TEXTS: Readonly<Record<StoppableMail, string>> = {
  USAGE_WARNINGS: 'usage that comes near what your plan includes or allows',
  USAGE_ANOMALIES: 'unusual usage and instances that stopped reporting',
  DEPLOYMENTS: 'deployments that failed',
};

const TOKEN_BYTES = 24;

/** Whoever has it may stop the customer's mails, and nothing else: 192 random bits. */
export function newMailToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Where one POST, or a person's click, stops mails of this kind. The door is the gateway's, which serves the console too. */
export function unsubscribeUrl(consoleUrl: string, { token, kind }: { token: string; kind: StoppableMail }): string {
  const url = new URL('/api/mails/unsubscribe', consoleUrl);
  url.search = new URLSearchParams({ kind, token }).toString();
  return url.href;
}
