/** As much of a report as shows who else reports under its instance's name. */
export interface ReportTrace {
  id: string;
  startMs: number;
  endMs: number;
  receivedMs: number;
  sequence: number | null;
}

export interface Conflict {
  kind: 'SEQUENCE_REUSED' | 'OVERLAPPING_INTERVALS';
  one: ReportTrace;
  other: ReportTrace;
}

export interface Verdict {
  /** One of each kind at most: the last in time. */
  conflicts: Conflict[];
  /** Of new reports whose sequence ran backwards: it may have been used long ago. */
  suspects: ReportTrace[];
}

/** Clocks are set, and an interval's end is the next one's start: so much is no overlap. */
const TOLERATED_OVERLAP_MS = 1_000;
const MAX_SUSPECTS = 3;

/**
 * Looks for a second reporter among one instance's reports: one sequence under two ids, or two intervals over the same time.
 * Only what a new report takes part in is told: the rest was told before.
 * @param traces each report once, in any order, of a stretch of time.
 * @param newSinceMs what was received from then on is new.
 */
export function judgeReporters(traces: readonly ReportTrace[], newSinceMs: number): Verdict {
  const inTime = traces.toSorted((a, b) => a.endMs - b.endMs || a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
  const isNew = (trace: ReportTrace): boolean => trace.receivedMs >= newSinceMs;
  const reused = pairsOfSequence(inTime).findLast(({ one, other }) => isNew(one) || isNew(other));
  const overlapping = findLastOverlap(inTime, isNew);
  return {
    conflicts: [...(reused === undefined ? [] : [{ kind: 'SEQUENCE_REUSED' as const, ...reused }]), ...(overlapping === undefined ? [] : [{ kind: 'OVERLAPPING_INTERVALS' as const, ...overlapping }])],
    suspects: reused === undefined ? backwards(inTime).filter(isNew).slice(-MAX_SUSPECTS) : [],
  };
}

type Pair = Pick<Conflict, 'one' | 'other'>;

function pairsOfSequence(inTime: readonly ReportTrace[]): Pair[] {
  const last = new Map<number, ReportTrace>();
  return inTime.flatMap((other) => {
    if (other.sequence === null) return [];
    const one = last.get(other.sequence);
    last.set(other.sequence, other);
    return one === undefined ? [] : [{ one, other }];
  });
}

/** The last report that overlaps one that began before it, of which one at least is new: the one that reaches furthest is enough to see that. */
function findLastOverlap(traces: readonly ReportTrace[], isNew: (trace: ReportTrace) => boolean): Pair | undefined {
  let found: Pair | undefined;
  let furthest: ReportTrace | undefined;
  let furthestNew: ReportTrace | undefined;
  for (const other of traces.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const one = isNew(other) ? furthest : furthestNew;
    if (one !== undefined && Math.min(one.endMs, other.endMs) - other.startMs > TOLERATED_OVERLAP_MS) found = { one, other };
    if (furthest === undefined || other.endMs > furthest.endMs) furthest = other;
    if (isNew(other) && (furthestNew === undefined || other.endMs > furthestNew.endMs)) furthestNew = other;
  }
  return found;
}

/** Those whose sequence is below that of the report before them in time. */
function backwards(inTime: readonly ReportTrace[]): ReportTrace[] {
  const numbered = inTime.filter(({ sequence }) => sequence !== null);
  return numbered.filter(({ sequence }, index) => (sequence ?? 0) < (numbered[index - 1]?.sequence ?? 0));
}
