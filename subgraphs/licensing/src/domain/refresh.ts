const MAX_SECONDS = 3_600;
const MIN_SECONDS = 60;

/** Seconds after which an instance asks again: an hour, or sooner when its license is renewed or expires before. */
export function refreshAfterSeconds(license: { renewAt: Date | null; expiresAt: Date } | null, now: Date): number {
  const turns = license === null ? [] : [license.renewAt, license.expiresAt].filter((turn): turn is Date => turn !== null && turn > now);
  const seconds = turns.map((turn) => Math.ceil((turn.getTime() - now.getTime()) / 1000));
  return Math.max(MIN_SECONDS, Math.min(MAX_SECONDS, ...seconds));
}
