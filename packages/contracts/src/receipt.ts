import { hash } from 'node:crypto';

/** Names one call of reportUsage by the ids of its reports, as sent: who holds yesterday's answer against today's reports is found out. SHA-256, hex. */
export function receiptOf(reportIds: readonly string[]): string {
  return hash('sha256', reportIds.map((id) => `${id}\n`).join(''), 'hex');
}
