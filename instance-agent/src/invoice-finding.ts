import type { Finding } from '@iotistic/contracts/usage-evidence';

/** What does not agree: with itself (the codes of contracts), or with what this agent sent. */
export interface InvoiceFinding {
  code: Finding['code'] | 'NUMBERS_DIFFER' | 'NEVER_SENT' | 'NOT_BILLED' | 'NOT_ARCHIVED' | 'NOTHING_SHOWN';
  message: string;
}

/** Nothing disagrees, but not everything can be proven. */
export const NOT_PROVEN: ReadonlySet<InvoiceFinding['code']> = new Set<InvoiceFinding['code']>(['NOT_ARCHIVED', 'REPORTS_NOT_SHOWN', 'NOTHING_SHOWN']);
