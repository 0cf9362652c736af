import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

/** `iotctl completion bash|zsh|fish|powershell` prints what the shell reads; the shell then asks `iotctl complete`. */
export function completionCommand(program: Command): void {
  tab(program, { completionCommandName: 'completion' });
}
