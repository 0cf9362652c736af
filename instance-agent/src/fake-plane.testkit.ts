import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LICENSE_ISSUER } from '@iotistic/contracts/license';
import { receiptOf } from '@iotistic/contracts/receipt';
import { TIME_TYPE } from '@iotistic/contracts/signed-time';
import { signDocument, signList, type TestKey } from './licenses.testkit.ts';
import type { UsageReport } from './usage.ts';

interface PlaneRequest {
  operation: string;
  headers: IncomingHttpHeaders;
  reports: UsageReport[];
  holding: string | null;
}

type PlaneError = { message: string; path?: string[]; extensions?: Record<string, unknown> };

/** What happens to one request: applied and answered, applied but the reply lost, or answered with something else. */
export type Behaviour = 'answer' | 'lose the reply' | 'cut the connection' | { status: number; body: string; headers?: Record<string, string> } | { errors: PlaneError[]; status?: number; applies?: boolean };

/** A control plane on 127.0.0.1 as an agent sees it: takes reports once, hands out a license and keys. */
export class FakePlane {
  readonly requests: PlaneRequest[] = [];
  readonly stored = new Map<string, UsageReport>();
  /** Consumed one per mutation; `answer` when empty. */
  readonly behaviours: Behaviour[] = [];
  /** What a request does whose operation is in here, as long as it is in here. */
  readonly failingFields = new Set<string>();
  /** reportId or sequence → the reason that it is refused for. */
  readonly refusals = new Map<number, string>();
  license: { token: string; jti: string } | null = null;
  /** The first one signs. */
  keys: TestKey[] = [];
  revoked: Record<string, number> = {};
  epoch = 0;
  announcements: string[] = [];
  /** False: answers without a time that is signed for the question. */
  provesTime = true;
  now: () => Date = () => new Date('2026-11-20T12:00:00.000Z');
  countsWrong = false;
  restores: { id: string; since: string }[] = [];
  private readonly server = createServer((request, response) => {
    // It has no WebSocket: live updates are refused, and nothing depends on them.
    if (request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => this.answer(JSON.parse(Buffer.concat(chunks).toString('utf8')), request.headers, response));
  });

  static async start(): Promise<FakePlane> {
    const plane = new FakePlane();
    await plane.listen(0);
    return plane;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  /** Sequences that are stored, in order. */
  get sequences(): number[] {
    return [...this.stored.values()].map(({ sequence }) => sequence).sort((a, b) => a - b);
  }

  private answer(body: { query: string; variables: Record<string, { reports?: UsageReport[]; holding?: string | null; instance?: string; nonce?: string }> }, headers: IncomingHttpHeaders, response: ServerResponse): void {
    const operation = /(?:mutation|query) (\w+)/.exec(body.query)?.[1] ?? '';
    const reports = body.variables['usage']?.reports ?? [];
    const holding = body.variables['license']?.holding ?? null;
    this.requests.push({ operation, headers, reports, holding });
    if (operation === 'AgentSigningKeys') return reply(response, 200, { data: { signingKeys: this.keys.map(({ kid, publicKeyPem }) => ({ id: kid, algorithm: 'RS256', status: 'CURRENT', publicKeyPem })) } });
    const behaviour = this.behaviours.shift() ?? 'answer';
    if (behaviour === 'cut the connection') return void response.destroy();
    if (typeof behaviour === 'object' && 'body' in behaviour) return void response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
    if (typeof behaviour === 'object' && behaviour.applies !== true) return reply(response, behaviour.status ?? 200, { data: null, errors: behaviour.errors });
    const failing = [...this.failingFields].filter((field) => body.query.includes(field));
    const data = this.apply(body.query, reports, holding, failing, body.variables['license']);
    if (behaviour === 'lose the reply') return void response.destroy();
    const errors = typeof behaviour === 'object' ? behaviour.errors : failing.map((field) => ({ message: 'down', path: [field], extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } }));
    return reply(response, 200, errors.length > 0 ? { data: null, errors } : { data });
  }

  private apply(query: string, reports: UsageReport[], holding: string | null, failing: string[], asked: { instance?: string; nonce?: string } = {}) {
    const data: Record<string, unknown> = {};
    if (query.includes('reportUsage') && !failing.includes('reportUsage')) data['reportUsage'] = { ...this.take(reports), receipt: receiptOf(reports.map(({ reportId }) => reportId)), restores: this.restores };
    const license = this.license === null || this.license.jti === holding ? null : { token: this.license.token };
    if (query.includes('fetchLicense')) data['fetchLicense'] = { license, revocationList: this.list(), keyAnnouncements: this.announcements, customer: { id: 'cust_a' }, serverTime: this.now().toISOString(), signedTime: this.prove(asked), refreshAfterSeconds: 3600 };
    return data;
  }

  private list(): string {
    const [key] = this.keys;
    return key === undefined ? 'none' : signList(key, { epoch: this.epoch, revoked: this.revoked, iat: Math.floor(this.now().getTime() / 3_600_000) * 3600 });
  }

  private prove({ instance = '', nonce }: { instance?: string; nonce?: string }): string | null {
    const [key] = this.keys;
    if (key === undefined || nonce === undefined || !this.provesTime) return null;
    return signDocument(key, TIME_TYPE, { iss: LICENSE_ISSUER, sub: 'cust_a', instance, nonce, now: this.now().getTime() });
  }

  private take(reports: UsageReport[]) {
    const verdicts = { accepted: this.countsWrong ? -1 : 0, late: 0, duplicates: 0, rejected: [] as { reportId: string; reason: string; message: string }[] };
    for (const report of reports) {
      const reason = this.refusals.get(report.sequence);
      if (reason !== undefined) verdicts.rejected.push({ reportId: report.reportId, reason, message: 'refused' });
      else if (this.stored.has(report.reportId)) verdicts.duplicates += 1;
      else {
        this.stored.set(report.reportId, report);
        verdicts.accepted += 1;
      }
    }
    return verdicts;
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
