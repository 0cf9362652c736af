import type pino from 'pino';

type LogMethod = NonNullable<NonNullable<pino.LoggerOptions['hooks']>['logMethod']>;

const WARN = 40;
const WINDOW_MS = 1_000;
/** So many are written each for itself: two requests that fail alike are no flood. */
const BURST = 3;
/** Kinds of errors at a time; beyond them each line is written. */
const MAX_KINDS = 1_000;
/** What tells errors of one text apart, besides the text. */
const TOLD_APART = ['service', 'subgraph', 'queue', 'topic', 'work', 'reader', 'postgres'];
/** Ids, numbers and times: each error of a kind has its own. */
const OF_ITS_OWN = /\b\w+_[\w-]{8,}|\b[0-9a-f-]{12,}\b|\d+/gi;

/**
 * Writes an error that comes again and again (more than three times) once a second, with the number of those that it stands for as `repeated`: a database that is
 * gone, tried by everything that needs it, would fill the disk. Only errors are counted together, with all else of them that is the same.
 */
export function limitRepeatedErrors(): LogMethod {
  const kinds = new Map<string, { written: number; repeated: number; write: (repeated: number) => void }>();

  function open(kind: string): void {
    kinds.set(kind, { written: 1, repeated: 0, write: () => undefined });
    const timer = setInterval(() => {
      const seen = kinds.get(kind);
      if (seen !== undefined && seen.repeated > 0) {
        seen.write(seen.repeated);
        seen.repeated = 0;
        return;
      }
      // A second without any: the next one is written at once.
      clearInterval(timer);
      kinds.delete(kind);
    }, WINDOW_MS).unref();
  }

  return function limit(args, method, level) {
    const kind = level < WARN ? null : kindOf(args as readonly unknown[], level, this);
    const seen = kind === null ? undefined : kinds.get(kind);
    if (seen !== undefined && seen.written < BURST) {
      seen.written += 1;
    } else if (seen !== undefined) {
      const [fields, ...rest] = args as unknown as [object, ...unknown[]];
      seen.repeated += 1;
      seen.write = (repeated) => method.apply(this, [{ ...fields, repeated }, ...rest] as unknown as typeof args);
      return;
    }
    if (kind !== null && seen === undefined && kinds.size < MAX_KINDS) open(kind);
    method.apply(this, args);
  };
}

/** Null for what is no error. */
function kindOf([fields, message]: readonly unknown[], level: number, logger: pino.Logger): string | null {
  if (typeof fields !== 'object' || fields === null) return null;
  const own = fields as Record<string, unknown>;
  if (!(own['err'] instanceof Error) && own['postgres'] === undefined) return null;
  const about = { ...(logger.bindings() as Record<string, unknown>), ...own };
  const apart = TOLD_APART.map((name) => (typeof about[name] === 'string' ? about[name] : ''));
  return `${level} ${[typeof message === 'string' ? message : '', ...textsOf(own['err']), ...apart].join('\0').replaceAll(OF_ITS_OWN, '#')}`;
}

function textsOf(error: unknown): string[] {
  const texts: string[] = [];
  for (let cause = error; cause instanceof Error && texts.length < 8; cause = cause.cause) texts.push(cause.name, cause.message);
  return texts;
}
