import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();

function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

/**
 * A child that does not outlive this process, whatever ends it. All of them share one listener of the process, which is there
 * as long as one of them may run. @returns what lets go of it, once it has ended.
 */
export function killOnExit(child: ChildProcess): () => void {
  if (children.size === 0) process.once('exit', killAll);
  children.add(child);
  return () => {
    if (children.delete(child) && children.size === 0) process.off('exit', killAll);
  };
}
