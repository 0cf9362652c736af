import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createLicenseUpdates, openApp, type AgentApp } from './app.ts';
import { systemTime, type TimeSource } from './clock.ts';
import { loadConfig } from './config.ts';
import { lockFolder } from './folder-lock.ts';
import { nextInterval } from './interval.ts';
import { viewLicense, type LicenseView } from './license-view.ts';
import { jsonAnswer, type LocalAnswer, localUrl, refusal, startLocalApi, stopLocalApi, type LocalRoutes } from './local-api.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { Exchange } from './reporter.ts';
import type { LicenseUpdates } from './live-license.ts';
import { Schedule } from './schedule.ts';
import { Serial } from './serial.ts';
import { exportUsage, importAnswer, type Imported, UsageFileError } from './usage-files.ts';
import { COUNTERS, GAUGES, type Counters, type Gauges, type Usage, type UsageReport } from './usage.ts';

export { createGuards, LicenseRefusedError, type Guards } from './guards.ts';
export { UnknownGuardNameError, type Feature, type Limit } from './guard-names.ts';
export type { LicenseView } from './license-view.ts';
export { UsageFileError, type Imported } from './usage-files.ts';

/** How long the one before may take to end: a supervisor that is told to start another does not always wait for it. */
const FOLDER_WAIT_MS = 5_000;

export interface AgentOptions {
  /** The env contract of README.md, as texts. Nothing is read from the process's own environment. */
  environment: NodeJS.ProcessEnv;
  clock?: TimeSource;
  fetch?: typeof fetch;
  log?: Log;
  /** False: no local API is served. */
  localApi?: boolean;
  /** False: nothing happens by itself; `collectAndReport` is called from outside. */
  schedule?: boolean;
}

/** What one round came to: the report that was made, if any, and what the control plane said. */
export interface Round {
  report: UsageReport | null;
  exchange: Exchange;
}

/** An agent within the product's own process. */
export interface Agent {
  /** Takes the data folder and answers from it at once; resolves with the local API's URL (null without one). */
  start(): Promise<string | null>;
  /** Ends every request and timer and gives the data folder back. */
  stop(): Promise<void>;
  /**
   * Collects, spools and exchanges, once. One at a time: a call waits for the one before.
   * @throws ControlPlaneError when the control plane was not reached or refused; the report is in the spool all the same.
   */
  collectAndReport(): Promise<Round>;
  licenseStatus(): LicenseView;
  /**
   * What waits in the spool, as signed files for a control plane that is not to be reached; each is at most 1,000,000
   * characters. It stays in the spool until its answer is imported.
   * @throws UsageFileError NO_LICENSE
   */
  exportUsage(): Promise<string[]>;
  /** Takes the control plane's answer to such a file. @throws UsageFileError with the reason; then nothing was taken. */
  importAnswer(text: string): Promise<Imported>;
  /**
   * Usage that the product knows itself: gauges hold until replaced, counters are increments. Durable when it resolves.
   * @throws RangeError for a name that a report has not, and for what is no whole number; nothing was taken.
   */
  record(usage: Usage): Promise<void>;
}

/**
 * Makes an agent; nothing happens before `start`.
 * @throws ConfigError
 */
export function createAgent(options: AgentOptions): Agent {
  return new InstanceAgent(options);
}

class InstanceAgent implements Agent {
  private readonly config;
  private readonly log: Log;
  private readonly abort = new AbortController();
  private readonly rounds = new Serial();
  private app: AgentApp | null = null;
  private server: Server | null = null;
  private schedule: Schedule | null = null;
  private updates: LicenseUpdates | null = null;
  private unlock: (() => Promise<void>) | null = null;
  private lastReport: UsageReport | null = null;

  constructor(private readonly options: AgentOptions) {
    this.config = loadConfig(options.environment);
    this.log = options.log ?? createLog(this.config.LOG_LEVEL);
  }

  async start(): Promise<string | null> {
    if (this.unlock !== null || this.abort.signal.aborted) throw new Error('An agent is started once');
    await mkdir(this.config.AGENT_DATA_DIR, { recursive: true, mode: 0o700 });
    this.unlock = await lockFolder(this.config.AGENT_DATA_DIR, FOLDER_WAIT_MS);
    try {
      this.app = await openApp({ config: this.config, log: this.log, time: this.options.clock ?? systemTime, fetch: this.options.fetch ?? fetch, signal: this.abort.signal });
      if (this.options.localApi !== false) this.server = await startLocalApi(this.config.AGENT_PORT, this.routes(this.app), this.log);
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.options.schedule !== false) this.schedule = this.startSchedule(this.app);
    return this.server === null ? null : localUrl(this.server);
  }

  async stop(): Promise<void> {
    this.abort.abort(new Error('The agent is stopping'));
    this.updates?.stop();
    this.schedule?.stop();
    if (this.server !== null) await stopLocalApi(this.server);
    await this.rounds.idle();
    await this.schedule?.idle();
    await this.app?.clock.persist(true).catch((error: unknown) => this.log.error({ err: error }, 'The highest time seen cannot be written'));
    await this.app?.spool.close();
    await this.unlock?.();
    this.server = null;
    this.schedule = null;
    this.updates = null;
    this.app = null;
    this.unlock = null;
  }

  async collectAndReport(): Promise<Round> {
    const app = this.running();
    return this.rounds.run(async () => {
      const report = await this.collect(app);
      return { report, exchange: await app.reporter.exchange() };
    });
  }

  licenseStatus(): LicenseView {
    return viewLicense(this.running(), this.lastReport?.activeDevices ?? null);
  }

  exportUsage(): Promise<string[]> {
    return this.rounds.run(() => exportUsage(this.running()));
  }

  importAnswer(text: string): Promise<Imported> {
    return this.rounds.run(() => importAnswer(this.running(), text));
  }

  async record(usage: Usage): Promise<void> {
    const unknown = Object.keys(usage).filter((name) => ![...GAUGES, ...COUNTERS].some((known) => known === name));
    if (unknown.length > 0) throw new RangeError(`A report has no ${unknown.join(', ')}. It has: ${[...GAUGES, ...COUNTERS].join(', ')}`);
    const gauges: Gauges = pick(usage, GAUGES);
    const counters: Counters = pick(usage, COUNTERS);
    await this.running().spool.record(gauges, counters);
  }

  private running(): AgentApp {
    if (this.app === null) throw new Error('The agent is not started');
    return this.app;
  }

  /** Makes the report of this interval. None when nothing measures, when no endpoint answered, or when no time has passed. */
  private async collect(app: AgentApp): Promise<UsageReport | null> {
    const collected = await app.meter.collect(app.spool.baselines, app.clock.now());
    if (this.abort.signal.aborted) return null;
    if (collected === null) app.log.error('No endpoint answered: this interval has no report, the next one covers it');
    const interval = nextInterval(app.spool.intervalEnd, app.clock.now());
    const measures = app.meter.collectors.length > 0 || app.spool.hasRecorded;
    if (collected === null || interval === null || !measures) return null;
    this.lastReport = await app.spool.append(collected, interval);
    return this.lastReport;
  }

  private startSchedule(app: AgentApp): Schedule {
    const schedule = new Schedule({
      intervalMs: app.config.COLLECTION_INTERVAL,
      log: app.log,
      collect: () => this.rounds.run(async () => void (await this.collect(app))),
      exchange: async () => {
        await app.reporter.exchange();
        if (app.config.LIVE_UPDATES && app.reporter.customerId !== null) this.updates?.follow(app.reporter.customerId);
      },
      tend: async () => {
        app.keeper.follow('elapsed');
        // The machine stepped: the control plane knows which time is right.
        if (app.clock.isInDoubt()) schedule.soon();
        await app.keeper.saveIfNeeded();
        await app.clock.persist();
        await app.spool.mend();
      },
    });
    this.updates = createLicenseUpdates(app, () => schedule.soon());
    schedule.start();
    return schedule;
  }

  private async answerImport(text: string): Promise<LocalAnswer> {
    try {
      return jsonAnswer(200, await this.importAnswer(text));
    } catch (error) {
      if (!(error instanceof UsageFileError)) throw error;
      return refusal(409, 'CONFLICT', error.reason, error.message);
    }
  }

  private routes(app: AgentApp): LocalRoutes {
    const metrics = createMetrics(app, () => this.updates?.isConnected === true);
    return {
      'POST /api/v1/export': async () => jsonAnswer(200, { files: await this.exportUsage() }),
      'POST /api/v1/import': (body) => this.answerImport(body),
      'GET /api/v1/license': () => jsonAnswer(200, this.licenseStatus()),
      'GET /healthz': () => jsonAnswer(200, { status: 'ok' }),
      'GET /readyz': () => (app.spool.healthy ? jsonAnswer(200, { status: 'ready' }) : jsonAnswer(503, { status: 'unavailable', spool: app.spool.problem })),
      'GET /metrics': async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.metrics() }),
    };
  }
}

function pick<N extends keyof Usage>(usage: Usage, names: readonly N[]): Partial<Record<N, number>> {
  const picked: Partial<Record<N, number>> = {};
  for (const name of names) {
    const value = usage[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is not a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
    picked[name] = value;
  }
  return picked;
}
