import type { Writable } from 'node:stream';
import { confirm, isCancel, password, progress as progressBar, spinner } from '@clack/prompts';
import { InterruptedError } from './cli-error.ts';
import type { Progress, Prompter } from './terminal.ts';

export interface Person {
  prompter: Prompter;
  startProgress(title: string, max: number | null): Progress;
  isShowingProgress(): boolean;
}

/** Somebody who reads and types. @param output where it is asked and shown: standard error, since standard output is for answers */
export function atTerminal(output: Writable, signal: AbortSignal): Person {
  let shown: Progress | null = null;
  const answered = <T>(answer: T | symbol): T => {
    if (isCancel(answer)) throw new InterruptedError();
    return answer as T;
  };
  return {
    prompter: {
      confirm: async (question) => answered<boolean>(await confirm({ message: question, initialValue: false, output, signal })),
      secret: async (question) => answered<string>(await password({ message: question, output, signal })),
    },
    startProgress(title, max) {
      shown = max === null ? turning(title, output, signal) : filling(title, max, output, signal);
      return {
        report: (done) => shown?.report(done),
        end() {
          shown?.end();
          shown = null;
        },
      };
    },
    isShowingProgress: () => shown !== null,
  };
}

function turning(title: string, output: Writable, signal: AbortSignal): Progress {
  const bar = spinner({ output, signal });
  bar.start(title);
  return { report: () => undefined, end: () => bar.clear() };
}

function filling(title: string, max: number, output: Writable, signal: AbortSignal): Progress {
  const bar = progressBar({ output, signal, max: Math.max(1, max) });
  let reported = 0;
  bar.start(title);
  return {
    report(done) {
      bar.advance(Math.max(0, done - reported), title);
      reported = done;
    },
    end: () => bar.clear(),
  };
}
