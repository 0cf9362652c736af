import { runCli } from './cli.ts';

/** Longest a stop may take; what is not done by then is safe on disk. */
const STOP_MS = 9_000;

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
