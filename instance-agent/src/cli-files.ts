import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { createAgent, type Agent } from './agent.ts';
import type { Terminal } from './cli.ts';
import { systemTime } from './clock.ts';
import { loadConfig } from './config.ts';
import { writeDurably } from './durable-file.ts';
import { FolderInUseError } from './folder-lock.ts';
import type { Imported } from './usage-files.ts';

/** The agent that runs here refused, or did not answer. */
export class LocalAgentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LocalAgentError';
  }
}

const exportedSchema = z.object({ files: z.array(z.string()) });
const refusedSchema = z.object({ error: z.object({ message: z.string() }) });

/** `export`: by this process, or by the agent that runs on the folder. */
export async function exportFiles(terminal: Terminal, folder: string | null): Promise<number> {
  const files = await onTheFolder(terminal, (agent) => agent.exportUsage(), async (ask) => exportedSchema.parse(await ask('/api/v1/export', '')).files);
  if (folder === null && files.length === 1) {
    terminal.print(files[0] ?? '');
    return 0;
  }
  const target = folder ?? '.';
  await mkdir(target, { recursive: true });
  const stamp = systemTime.now().getTime();
  for (const [index, file] of files.entries()) {
    const path = join(target, `usage-${stamp}-${String(index + 1).padStart(3, '0')}.jwt`);
    await writeDurably(path, `${file}\n`);
    terminal.print(path);
  }
  return 0;
}

/** `import`: the answer to one file. */
export async function importFile(terminal: Terminal, file: string): Promise<number> {
  const answer = file === '-' ? await text(terminal.input()) : await readFile(file, 'utf8');
  const { settled, license, revocations, verdicts } = await onTheFolder<Imported>(terminal, (agent) => agent.importAnswer(answer), async (ask) => (await ask('/api/v1/import', answer)) as Imported);
  terminal.print(`Reports settled: ${settled} (accepted ${verdicts.accepted}, duplicates ${verdicts.duplicates}, rejected ${verdicts.rejected.length}). License: ${license ?? 'none'}. Revocations: ${revocations}.`);
  return verdicts.rejected.length > 0 || !['accepted', 'unchanged', null].includes(license) ? 1 : 0;
}

/** The folder belongs to one agent: while one runs on it, that one is asked. */
async function onTheFolder<T>(terminal: Terminal, alone: (agent: Agent) => Promise<T>, asked: (ask: (path: string, body: string) => Promise<unknown>) => Promise<T>): Promise<T> {
  const agent = createAgent({ environment: { LOG_LEVEL: 'error', ...terminal.environment }, localApi: false, schedule: false });
  try {
    await agent.start();
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    return asked((path, body) => askRunningAgent(loadConfig(terminal.environment).AGENT_PORT, path, body));
  }
  try {
    return await alone(agent);
  } finally {
    await agent.stop();
  }
}

async function askRunningAgent(port: number, path: string, body: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } }).catch(() => null);
  if (response === null) throw new LocalAgentError(`An agent runs on this folder, but does not answer on AGENT_PORT ${port}`);
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new LocalAgentError(refusedSchema.safeParse(answer).data?.error.message ?? `The agent answered with status ${response.status}`);
}
