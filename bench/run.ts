/** `npm run bench -- [question …]`: both sides by turns, each time on a new database; prints medians and ratios, keeps them in bench/results. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { backlog } from './backlog/question.ts';
import { killAllChildren, ROOT } from './child.ts';
import { fanOut } from './fan-out/question.ts';
import { fetchLicense } from './fetch-license/question.ts';
import { growth } from './growth/question.ts';
import { describeCommit, describeMachine } from './machine.ts';
import { hostileRequests } from './hostile-requests/question.ts';
import type { Question, QuestionOptions } from './question.ts';
import { reportUsage } from './report-usage/question.ts';
import { reportUsageProcesses } from './report-usage-processes/question.ts';
import { createScratchDatabase } from './scratch-database.ts';
import { show } from './statistics.ts';
import { usageSeries } from './usage-series/question.ts';
import { verifyLicense } from './verify-license/question.ts';

const QUESTIONS: readonly Question[] = [
  reportUsage,
  reportUsageProcesses,
  usageSeries,
  backlog,
  growth,
  fanOut,
  fetchLicense,
  verifyLicense,
  hostileRequests,
];
const RESULTS = join(ROOT, 'bench/results');

const HELP = `npm run bench -- [question …] [options]

Questions: ${QUESTIONS.map(({ name }) => name).join(', ')}; all of them when none is named.

  --rounds 3          runs of each side, by turns
  --seconds 5         that each run is measured, but those of fan-out
  --subscribers 2000  of fan-out
  --events 20         that each run of fan-out measures
  --reports 10000000  stored in usage-series
  --agents 1000       that come at once in backlog
  --customers 1,100,1000,10000  of growth
  --only TEXT         only what has this in its name, e.g. 'ours, 1 per'; nothing is kept
  --profile           says where the servers' CPU time goes; nothing is kept
  --no-build          measures what was built before`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    subscribers: { type: 'string', default: '2000' },
    events: { type: 'string', default: '20' },
    reports: { type: 'string', default: '10000000' },
    agents: { type: 'string', default: '1000' },
    customers: { type: 'string', default: '1,100,1000,10000' },
    only: { type: 'string' },
    profile: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, killAllChildren);
process.once('exit', killAllChildren);

if (values.help) {
  console.log(HELP);
} else {
  await run().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  });
}

async function run(): Promise<void> {
  const questions = positionals.length === 0 ? QUESTIONS : positionals.map(findQuestion);
  if (!values['no-build']) build();
  const options: QuestionOptions = {
    rounds: whole('rounds'),
    seconds: whole('seconds'),
    subscribers: whole('subscribers'),
    events: whole('events'),
    reports: whole('reports'),
    agents: whole('agents'),
    customers: values.customers.split(',').map((text) => toWhole('customers', text)),
    only: values.only ?? null,
    profile: values.profile,
    say: (line) => console.log(line),
  };
  const database = await createScratchDatabase();
  await database.remove();
  for (const question of questions) {
    console.log(`\n## ${question.name}\n`);
    // Anew for each: others may have come to work on the machine meanwhile.
    const machine = describeMachine(database.version);
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}, PostgreSQL ${machine.postgres}, fdatasync ${machine.fdatasyncMicroseconds} µs, load average ${machine.loadAverage}\n`);
    const answer = await question.ask(options);
    console.log(`\n${answer.table}\n`);
    for (const { name, ratio, aim, met } of answer.ratios) console.log(`- ${name}: ${show(ratio)} ×${aim === undefined ? '' : ` (aim: ${aim}${met === true ? '' : ', NOT MET'})`}`);
    const { only: _only, profile: _profile, say: _say, ...kept } = options;
    const result = { date: new Date().toISOString(), commit: describeCommit(), machine, options: kept, ...answer };
    if (!options.profile && options.only === null) keep(question.name, result);
  }
}

function findQuestion(name: string): Question {
  const question = QUESTIONS.find((candidate) => candidate.name === name);
  if (question === undefined) throw new Error(`there is no question "${name}"\n\n${HELP}`);
  return question;
}

function whole(name: 'rounds' | 'seconds' | 'subscribers' | 'events' | 'reports' | 'agents'): number {
  return toWhole(name, values[name]);
}

function toWhole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000_000) throw new Error(`--${name} is a whole number from 1`);
  return value;
}

function build(): void {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed: nothing is measured');
}

/** A file of its own for each run, and the newest answer to each question in latest.json. */
function keep(question: string, result: { date: string; commit: string }): void {
  const file = join(RESULTS, `${result.date.replaceAll(/[:.]/g, '-')}-${question}-${result.commit}.json`);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  const latest = join(RESULTS, 'latest.json');
  const known = existsSync(latest) ? (JSON.parse(readFileSync(latest, 'utf8')) as Record<string, object>) : {};
  writeFileSync(latest, `${JSON.stringify({ ...known, [question]: result }, null, 2)}\n`);
}
