import { errorCode } from './durable-file.ts';

/** What the system's words mean to a person who looks after the machine. */
const MEANINGS: Partial<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file may not grow any further',
  EROFS: 'the disk is read-only',
  EIO: 'the disk reports an input/output error',
  EACCES: 'the agent may not write there',
  EPERM: 'the agent may not write there',
  EMFILE: 'the process has too many open files',
  ENFILE: 'the machine has too many open files',
};

/** The spool cannot be read or written at present: nothing of what was asked for is taken for written. It tries again by itself. */
export class SpoolUnavailableError extends Error {
  constructor(
    /** The system's word: `ENOSPC`, `EROFS`, `EIO`, …; `UNKNOWN` where it gave none. */
    readonly code: string,
    cause: unknown,
  ) {
    super(`The spool cannot be written: ${MEANINGS[code] ?? `the system says ${code}`}`, { cause });
    this.name = 'SpoolUnavailableError';
  }
}

/** Whether there is no room: then giving up the reserve helps. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');
}

/** The disk's refusal as the spool's; an error that is not the system's stays what it is, for it is a fault of ours. */
export function toSpoolError(error: unknown): unknown {
  const code = errorCode(error);
  return code === null || error instanceof SpoolUnavailableError ? error : new SpoolUnavailableError(code, error);
}
