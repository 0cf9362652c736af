import type { Log } from './log.ts';
import type { SpoolUnavailableError } from './spool-error.ts';

/** What keeps the spool from being written, since when. */
export interface SpoolProblem {
  /** The system's word, as in SpoolUnavailableError. */
  code: string;
  since: Date;
  message: string;
}

/** Whether the disk takes what the spool writes. Told when it changes, not at each write that is refused. */
export class SpoolHealth {
  problem: SpoolProblem | null = null;
  /** Writes that the disk refused, since the start. */
  failures = 0;

  constructor(private readonly log: Log, private readonly now: () => Date) {}

  noteFailure(error: SpoolUnavailableError): void {
    this.failures += 1;
    const { code, message } = error;
    if (this.problem?.code === code) return;
    this.problem = { code, since: this.problem?.since ?? this.now(), message };
    this.log.error({ err: error }, 'The spool cannot be written: nothing is lost, what is measured waits at its source');
  }

  noteSuccess(): void {
    if (this.problem === null) return;
    this.log.info({ code: this.problem.code, since: this.problem.since }, 'The spool can be written again');
    this.problem = null;
  }
}
