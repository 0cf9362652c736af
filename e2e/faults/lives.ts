/** A slow machine may stop early, but not before this share of the lives. */
const LEAST_SHARE = 0.2;

/**
 * Whether a lane goes on: up to its share of the lives, but no longer than the time allows once a fifth of them is done, so
 * that a busy machine tries fewer instead of failing.
 */
export function countLives({ lives, lanes, forMs }: { lives: number; lanes: number; forMs: number }): (done: number) => boolean {
  const startedMs = performance.now();
  const most = lives / lanes;
  return (done) => done < most && (done < most * LEAST_SHARE || performance.now() - startedMs < forMs);
}
