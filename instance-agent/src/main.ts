import { runCli } from './cli.ts';
import { writeTrouble } from './write-trouble.ts';

/** Longest a stop may take; what is not done by then is safe on disk. */
const STOP_MS = 9_000;

// The reader has read enough, as `| head -1` does: an agent that runs goes on without it. An answer that cannot be written is no answer.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`The answer could not be written: ${writeTrouble(error.code)}\n`);
  process.exit(1);
});
process.stderr.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  print: (text) => process.stdout.write(`${text}\n`),
  printError: (text) => process.stderr.write(`${text}\n`),
  input: () => process.stdin,
  whenAskedToStop: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.once(signal, () => {
          resolve();
          setTimeout(() => process.exit(0), STOP_MS).unref();
        });
      }
    }),
});
