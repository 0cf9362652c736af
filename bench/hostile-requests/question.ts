import { findFreePort } from '@iotistic/chassis/free-port';
import { HOSTILE_SHAPES } from '@iotistic/testkit/hostile-requests';
import type { HostileShape } from '@iotistic/testkit/hostile-shape';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from '../child.ts';
import type { Account } from '../contestant.ts';
import { environmentOf, signUpAll, untilServing } from '../plane.ts';
import type { Answer, Question } from '../question.ts';
import { createScratchDatabase } from '../scratch-database.ts';
import { markdownTable, median, quantile, show } from '../statistics.ts';

/**
 * Of one request, in ms of the server's process: what a stranger may cost, and what an account that tries the product
 * may.
 */
const AIMS = { anonymous: 50, trial: 150 } as const;
type Asker = keyof typeof AIMS;

const ANSWER_MS = 120_000;
const CPU_MS = 120_000;
/** Between requests of the client that does nothing wrong. */
const INNOCENT_PAUSE_MS = 20;
const IDLE_MS = 3_000;
const EXAMPLES = 12;
/** Work that a request left behind (events, jobs) is its own, too; a little time lets most of it happen. */
const SETTLE_MS = 20;

interface Run {
  shape: string;
  kind: string;
  asker: Asker;
  cpuMs: number;
  status: number;
}

/** What one request costs the process that serves it, shape by shape, while a client beside it does nothing wrong. */
export const hostileRequests: Question = {
  name: 'hostile-requests',
  ask: async ({ rounds, only, say }) => {
    const database = await createScratchDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'iotistic-hostile-'));
    const port = await findFreePort();
    // The schema is asked for, too: the dearest answer that a stranger can be given.
    const env = { ...environmentOf(database.url, folder, port), INTROSPECTION: 'true' };
    const child = startChild({ name: 'control plane', script: 'bench/hostile-requests/served-plane.ts', env });
    try {
      const url = `http://127.0.0.1:${port}`;
      await untilServing(url, child);
      const [account] = await signUpAll(url, 1);
      const server = new MeasuredServer(url, child, account as Account);
      return await measure(server, { rounds, only, say });
    } finally {
      await child.stop();
      await database.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(
  server: MeasuredServer,
  { rounds, only, say }: { rounds: number; only: string | null; say(line: string): void },
): Promise<Answer> {
  await warmUp(server);
  const innocent = startInnocent(server.url);
  const idle = await server.idleShare();
  const runs: Run[] = [];
  const shapes = HOSTILE_SHAPES.filter(({ kind, name }) => only === null || `${kind}, ${name}`.includes(only));
  for (const asker of Object.keys(AIMS) as Asker[]) {
    for (const shape of shapes) {
      const run = await server.measureShape(shape, asker, rounds, idle);
      runs.push(run);
      if (run.cpuMs > AIMS[asker] / 2) say(`${asker}, ${run.shape}: ${show(run.cpuMs, 'ms')} (HTTP ${run.status})`);
    }
  }
  return summarize(runs, await innocent.stop());
}

class MeasuredServer {
  #unique = 0;

  constructor(
    readonly url: string,
    private readonly child: Child,
    private readonly account: Account,
  ) {}

  async cpuMs(): Promise<number> {
    this.child.send({ kind: 'cpu' });
    return (await this.child.next<{ ms: number }>('cpu', CPU_MS)).ms;
  }

  /** CPU per ms of what goes on anyway: work of its own, and the client beside. */
  async idleShare(): Promise<number> {
    const before = await this.cpuMs();
    await delay(IDLE_MS);
    return ((await this.cpuMs()) - before) / IDLE_MS;
  }

  /** The median of a few, each a document that was never sent before. */
  async measureShape(shape: HostileShape, asker: Asker, rounds: number, idle: number): Promise<Run> {
    const costs: number[] = [];
    let status = 0;
    for (let round = 0; round < rounds; round += 1) {
      const request = shape.make(`Q${(this.#unique += 1)}`, this.account.customerId);
      const startedAtMs = performance.now();
      const before = await this.cpuMs();
      status = await this.send(request, asker, shape.byInstance);
      await delay(SETTLE_MS);
      costs.push((await this.cpuMs()) - before - idle * (performance.now() - startedAtMs));
    }
    return {
      shape: `${shape.kind}, ${shape.name}`,
      kind: shape.kind,
      asker,
      cpuMs: Math.max(0, median(costs)),
      status,
    };
  }

  async send({ body, search }: ReturnType<HostileShape['make']>, asker: Asker, byInstance = false): Promise<number> {
    const credential = byInstance ? { 'x-api-key': this.account.apiKey } : this.account.connectionParams;
    const headers = { 'content-type': 'application/json', ...(asker === 'trial' ? credential : {}) };
    const address = `${this.url}/graphql${search === undefined ? '' : `?${search}`}`;
    const answer = await fetch(address, {
      headers,
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body === undefined ? {} : { method: 'POST', body }),
    }).catch(() => null);
    await answer?.arrayBuffer().catch(() => null);
    return answer?.status ?? 0;
  }
}

/** Until what every request passes is compiled. */
async function warmUp(server: MeasuredServer): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    await server.send(
      { body: JSON.stringify({ query: `query W${turn} { plans { ...f } } fragment f on Plan { key name }` }) },
      turn % 2 === 0 ? 'anonymous' : 'trial',
    );
    await server.send({ body: JSON.stringify({ query: `{ plans { kee${turn} } }` }) }, 'anonymous');
  }
}

/** Asks for the plans again and again, and says how long the slowest of a hundred waited. */
function startInnocent(url: string): { stop(): Promise<number> } {
  const waits: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const startedAtMs = performance.now();
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ plans { key } }"}',
      }).catch(() => null);
      await answer?.arrayBuffer().catch(() => null);
      waits.push(performance.now() - startedAtMs);
      await delay(INNOCENT_PAUSE_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await asking;
      return quantile(waits, 0.99);
    },
  };
}

function summarize(runs: readonly Run[], innocentP99Ms: number): Answer {
  const kinds = [...new Set(runs.map(({ kind }) => kind))];
  const worst = (asker: Asker, kind?: string): Run | undefined =>
    runs
      .filter((run) => run.asker === asker && (kind === undefined || run.kind === kind))
      .toSorted((a, b) => b.cpuMs - a.cpuMs)[0];
  const rows = kinds.map((kind) => [
    kind,
    String(runs.filter((run) => run.kind === kind && run.asker === 'anonymous').length),
    ...(Object.keys(AIMS) as Asker[]).map((asker) => show(worst(asker, kind)?.cpuMs ?? 0)),
  ]);
  const ratios = (Object.keys(AIMS) as Asker[]).map((asker) => {
    const ratio = (worst(asker)?.cpuMs ?? 0) / AIMS[asker];
    return { name: `${asker}, the dearest request of ${AIMS[asker]} ms`, ratio, aim: 'at most 1', met: ratio <= 1 };
  });
  const dearest = runs.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, EXAMPLES);
  return {
    table: markdownTable(['kind', 'shapes', 'anonymous, CPU ms at most', 'trial account, CPU ms at most'], rows),
    ratios,
    medians: { innocent: { p99Ms: innocentP99Ms }, dearest },
    runs: Object.fromEntries(kinds.map((kind) => [kind, runs.filter((run) => run.kind === kind)])),
  };
}
