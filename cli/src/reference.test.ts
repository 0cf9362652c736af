import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from './cli.ts';
import type { Terminal } from './terminal.ts';

const reference = readFileSync(join(import.meta.dirname, '../../docs/iotctl.md'), 'utf8');
const nowhere = { write: () => undefined, writeError: () => undefined, hasColors: false } as unknown as Terminal;
const program = buildProgram(
  nowhere,
  () => {
    throw new Error('nothing is asked here');
  },
  () => undefined,
);

/** Those that do something, by their words. */
function commandsOf(command: Command, words: readonly string[] = []): [string, Command][] {
  const below = command.createHelp().visibleCommands(command).filter((each) => each.name() !== 'help');
  return below.length === 0 ? [[words.join(' '), command]] : below.flatMap((each) => commandsOf(each, [...words, each.name()]));
}

const commands = commandsOf(program);

describe('docs/iotctl.md', () => {
  it('has every command, in the order of the help, and no other', () => {
    const headings = [...reference.matchAll(/^### iotctl (.+)$/gm)].map(([, words]) => words);
    expect(headings).toEqual(commands.map(([words]) => words));
  });

  it.each(commands)('shows the help of %s as it is printed, and what it printed', (words, command) => {
    const section = reference.split(`\n### iotctl ${words}\n`)[1]?.split(/\n##+ /)[0] ?? '';
    const help = command.helpInformation().split('\nGlobal Options:')[0]?.trimEnd() ?? '';
    expect(/^```text\n([\s\S]*?)\n```$/m.exec(section)?.[1]).toBe(help.split('\n').map((line) => line.trimEnd()).join('\n'));
    expect(section).toContain(`\n$ iotctl ${words}`);
  });

  it('every command takes --json, the profile and the timeout', () => {
    for (const [words, command] of commands) for (const option of ['--json', '--profile <name>', '--timeout <seconds>']) expect(command.helpInformation(), words).toContain(option);
  });

  it('whatever changes something has a dry run, and whatever harms asks', () => {
    const has = (words: string, option: string): boolean => commands.find(([each]) => each === words)?.[1].options.some(({ long }) => long === option) ?? false;
    const changing = ['customers add', 'customers upgrade', 'customers deactivate', 'customers mails', 'licenses revoke', 'licenses reinstate', 'keys generate', 'keys rotate', 'deployments add', 'deployments retry', 'deployments remove', 'webhooks replay', 'stripe sync', 'stripe reconcile', 'profile add', 'profile remove'];
    const harming = ['customers upgrade', 'customers deactivate', 'licenses revoke', 'licenses reinstate', 'keys rotate', 'deployments remove', 'webhooks replay', 'profile remove'];
    expect(changing.filter((words) => !has(words, '--dry-run'))).toEqual([]);
    expect(harming.filter((words) => !has(words, '--yes'))).toEqual([]);
  });
});
