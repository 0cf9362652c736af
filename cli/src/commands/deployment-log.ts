import { EXIT, type ExitCode } from '../cli-error.ts';
import { existing, type Context } from '../context.ts';
import { type CliDeploymentFragment, CliShowDeploymentDocument, CliWatchDeploymentsDocument } from '../generated.ts';
import { printable } from '../printable.ts';

type Seen = CliDeploymentFragment & { readonly log: readonly string[] };

/** What a deployment said so far; with --follow also what it goes on to say, until it has ended. */
export async function showDeploymentLog(context: Context, { follow }: { follow?: boolean }, id = ''): Promise<ExitCode> {
  const read = async (): Promise<Seen> => existing((await context.plane().ask(CliShowDeploymentDocument, { id })).deployment);
  const first = await read();
  if (follow === true) return new Follower(context, first).follow(read);
  context.answer({ deployment: first }, () => (first.log.length === 0 ? 'It has said nothing yet.' : first.log.map(printable).join('\n')));
  return EXIT.ok;
}

function hasEnded({ status }: Seen): boolean {
  return status !== 'QUEUED' && status !== 'RUNNING';
}

/** Prints each line once, whether it came live or was read after a connection that broke. */
class Follower {
  readonly #context: Context;
  readonly #ended = new AbortController();
  #latest: Seen;
  #printed: readonly string[] = [];

  constructor(context: Context, first: Seen) {
    this.#context = context;
    this.#latest = first;
    this.#show(first);
  }

  async follow(read: () => Promise<Seen>): Promise<ExitCode> {
    if (!hasEnded(this.#latest)) {
      // What was said between the first reading and the live one, or while there was no connection, is read.
      let catchUp: Promise<void> = Promise.resolve();
      await this.#context.plane().listen(
        CliWatchDeploymentsDocument,
        { customerId: this.#latest.customer.id },
        {
          hear: ({ deploymentProgressed }) => this.#show(deploymentProgressed),
          opened: () => {
            catchUp = read().then((seen) => this.#show(seen), () => undefined);
          },
          lost: () => this.#context.note('The connection was lost; it is made again.'),
          signal: this.#ended.signal,
        },
      );
      await catchUp;
    }
    const { status, reason, error } = this.#latest;
    if (status !== 'FAILED') return EXIT.ok;
    this.#context.note(`The deployment failed: ${printable(error ?? 'no reason is known')}${reason === null ? '' : ` (${reason})`}`);
    return EXIT.failure;
  }

  #show(seen: Seen): void {
    // A reading that is older than its end changes nothing.
    if (seen.id !== this.#latest.id || this.#ended.signal.aborted) return;
    this.#latest = seen;
    for (const line of newLines(this.#printed, seen.log)) this.#context.tell({ deployment: seen.id, status: seen.status, progress: seen.progress, line }, () => `${String(seen.progress).padStart(3)}%  ${printable(line)}`);
    if (seen.log.length > 0) this.#printed = seen.log;
    if (hasEnded(seen)) this.#ended.abort();
  }
}

/** The lines of a log, of which only the last 500 are kept, that were not there before. */
export function newLines(before: readonly string[], now: readonly string[]): readonly string[] {
  for (let kept = Math.min(before.length, now.length); kept > 0; kept -= 1) {
    if (before.slice(-kept).every((line, index) => line === now[index])) return now.slice(kept);
  }
  // An older reading has nothing new.
  const isOlder = now.length > 0 && before.some((_, start) => now.every((line, index) => line === before[start + index]));
  return isOlder ? [] : now;
}
