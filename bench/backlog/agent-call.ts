import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'undici';
import { ROOT } from '../child.ts';
import type { Account } from '../contestant.ts';
import { NUMBERS } from '../report-usage/shapes.ts';

/** An instance with its agent. */
export interface Agent {
  account: Account;
  instance: string;
}

/** Reports of one agent, told by their numbers, so that a second try sends the very same ones. */
export interface Call {
  agent: Agent;
  first: number;
  reports: number;
  /** Ends of intervals. */
  endMsOf(report: number): number;
  intervalMs: number;
}

/** As the agent has them. */
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
const TIMEOUT_MS = 30_000;

const HEAD = JSON.stringify({ query: readFileSync(join(ROOT, 'schema/operations/agent/report-usage.graphql'), 'utf8'), operationName: 'AgentReportUsage' }).slice(0, -1);
const COUNTS = JSON.stringify(NUMBERS).slice(1, -1);

/** How many tries came to nothing, by reason. */
export type Failures = Record<string, number>;

interface Answer {
  data?: { reportUsage: { accepted: number; duplicates: number; rejected: object[] } } | null;
  errors?: { extensions?: { code?: string; reason?: string } }[];
}

/** Sends until the control plane has said of each report that it is stored, with the agent's own patience between tries. @param failures gets a reason for each try that came to nothing */
export async function sendUntilStored(pool: Pool, call: Call, failures: Failures): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-api-key': call.agent.account.apiKey };
  for (let failed = 0; ; failed += 1) {
    const answer = await ask(pool, headers, call);
    const verdicts = typeof answer === 'string' ? undefined : answer.data?.reportUsage;
    if (verdicts !== undefined) {
      if (verdicts.accepted + verdicts.duplicates === call.reports) return;
      throw new Error(`${call.reports} reports were answered with ${JSON.stringify(verdicts).slice(0, 400)}`);
    }
    const { code = 'UNAVAILABLE', reason = 'no verdicts' } = typeof answer === 'string' ? { reason: answer } : (answer.errors?.[0]?.extensions ?? {});
    if (code !== 'UNAVAILABLE') throw new Error(`a report was refused: ${JSON.stringify(answer).slice(0, 400)}`);
    failures[reason] = (failures[reason] ?? 0) + 1;
    await delay(Math.random() * Math.min(FIRST_DELAY_MS * 2 ** failed, MAX_DELAY_MS));
  }
}

/** Where no answer came that is the plane's, why. */
async function ask(pool: Pool, headers: Record<string, string>, call: Call): Promise<Answer | string> {
  try {
    const { body } = await pool.request({ method: 'POST', path: '/graphql', headers, body: bodyOf(call), signal: AbortSignal.timeout(TIMEOUT_MS) });
    return JSON.parse(await body.text()) as Answer;
  } catch (error) {
    return (error as Error).name;
  }
}

function bodyOf({ agent, first, reports, endMsOf, intervalMs }: Call): string {
  const texts = Array.from({ length: reports }, (_, offset) => {
    const number = first + offset;
    const endMs = endMsOf(number);
    const reportId = reportIdOf(agent, number);
    return `{"reportId":"${reportId}","previousHash":"${reportId.replaceAll('-', '')}","sequence":${number + 1},"intervalStart":"${new Date(endMs - intervalMs).toISOString()}","intervalEnd":"${new Date(endMs).toISOString()}",${COUNTS}}`;
  });
  return `${HEAD},"variables":{"usage":{"instance":"${agent.instance}","reports":[${texts.join()}]}}}`;
}

/** A UUID without an order, as most are. */
function reportIdOf({ account, instance }: Agent, number: number): string {
  const hex = createHash('md5').update(`${account.customerId}/${instance}/${number}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
