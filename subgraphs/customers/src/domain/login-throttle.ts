/** Failed log-ins that an account may have within the window. */
export const MAX_LOGIN_FAILURES = 10;
const WINDOW_MS = 15 * 60_000;

/** Failures before this instant no longer count. */
export function windowStart(now: Date): Date {
  return new Date(now.getTime() - WINDOW_MS);
}

/**
 * Seconds until the account may be tried again; null when it may be tried now.
 * @param failures the latest failures within the window, newest first; more than MAX_LOGIN_FAILURES are not looked at.
 */
export function retryAfterSeconds(failures: readonly Date[], now: Date): number | null {
  const oldest = failures[MAX_LOGIN_FAILURES - 1];
  if (oldest === undefined || oldest <= windowStart(now)) return null;
  return Math.ceil((oldest.getTime() + WINDOW_MS - now.getTime()) / 1_000);
}
