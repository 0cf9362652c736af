import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { findProgram } from '@iotistic/testkit/program';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validPage } from './exposition-corpus.testkit.ts';
import { EXPORTER_PAGES } from './exposition-exporters.testkit.ts';
import { readExpositionPage } from './exposition-page.ts';
import { temporaryFolder } from './surroundings.testkit.ts';

const prometheus = findProgram('prometheus', process.env['PATH'] ?? '');
const GENERATED_PAGES = 300;
const PAGES = GENERATED_PAGES + EXPORTER_PAGES.length;
/** Of what Prometheus says of the scrape itself. */
const OWN_SERIES = /^(up|scrape_)/;
const OWN_LABELS = new Set(['job', 'instance', 'page', '__name__']);

interface VectorAnswer {
  data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}

/** Generated ones, then those in the shapes of exporters. */
function pageAt(index: number): { isOpenMetrics: boolean; text: string } {
  return EXPORTER_PAGES[index - GENERATED_PAGES] ?? validPage(index);
}

/** Each metric that some line of the page is of. */
function namesOn(text: string): Set<string> {
  return new Set(text.split('\n').flatMap((line) => /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line)?.[1] ?? []));
}

/** The corpus as a site: one page for each seed. */
async function serveCorpus(): Promise<Server> {
  const server = createServer((request, response) => {
    const page = pageAt(Number(request.url?.slice('/page/'.length)));
    response.writeHead(200, { 'content-type': page.isOpenMetrics ? 'application/openmetrics-text; version=1.0.0; charset=utf-8' : 'text/plain; version=0.0.4' }).end(page.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function configuration(site: Server): string {
  const target = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  const targets = Array.from({ length: PAGES }, (_each, seed) => ({ targets: [target], labels: { __metrics_path__: `/page/${seed}`, page: String(seed) } }));
  // JSON is YAML. The times on the pages are long past: the moment of the scrape is taken instead.
  return JSON.stringify({ global: { scrape_interval: '5s', scrape_timeout: '5s' }, scrape_configs: [{ job_name: 'corpus', honor_timestamps: false, static_configs: targets }] });
}

function shown(name: string, labels: [string, string][], value: number): string {
  return `${name} ${JSON.stringify(labels.toSorted(([a], [b]) => (a < b ? -1 : 1)))} ${Object.is(value, -0) ? '-0' : value}`;
}

function ours(seed: number): string[] {
  const { text, isOpenMetrics } = pageAt(seed);
  const page = readExpositionPage(Buffer.from(text), namesOn(text), { isOpenMetrics, isWhole: true });
  return [...page.samples].flatMap(([name, list]) => list.map(({ series, value }) => shown(name, JSON.parse(series) as [string, string][], value))).toSorted();
}

describe.skipIf(prometheus === null)('beside the real Prometheus', () => {
  let site: Server;
  let server: ChildProcess;
  let url: string;
  const theirs = async (seed: number): Promise<string[]> => {
    const answer = (await (await fetch(`${url}/api/v1/query?query=${encodeURIComponent(`{page="${seed}"}`)}`)).json()) as VectorAnswer;
    // A summary's quantiles are passed over by ours: they say how, not how much.
    const samples = answer.data.result.filter(({ metric }) => !OWN_SERIES.test(metric['__name__'] ?? '') && metric['quantile'] === undefined);
    return samples.map(({ metric, value }) => shown(metric['__name__'] ?? '', Object.entries(metric).filter(([name]) => !OWN_LABELS.has(name)), Number(value[1].replace('Inf', 'Infinity')))).toSorted();
  };

  beforeAll(async () => {
    const folder = await temporaryFolder(afterAll);
    site = await serveCorpus();
    await writeFile(join(folder, 'prometheus.yml'), configuration(site));
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    server = spawn(prometheus ?? '', [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'], { stdio: 'ignore' });
    await waitFor(async () => expect((await fetch(`${url}/-/ready`)).status).toBe(200), { timeout: 60_000, interval: 200 });
  }, 120_000);
  afterAll(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    site.closeAllConnections();
    site.close();
  });

  it(`each sample of ${PAGES} pages is what our reader reads`, { timeout: 300_000 }, async () => {
    for (let seed = 0; seed < PAGES; seed += 1) {
      // Not before its first scrape is over does it know anything of a page.
      const samples = await waitFor(async () => {
        const stored = await theirs(seed);
        expect(stored).not.toEqual([]);
        return stored;
      }, { timeout: 120_000, interval: 500 });
      expect({ seed, samples }).toEqual({ seed, samples: ours(seed) });
    }
  });
});
