import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type StartedProcess, startProcess } from '@iotistic/testkit/process';
import { ROOT } from './built.ts';
import { type ComposeFile, type ComposeService, inOrder, readCompose } from './compose-file.ts';

const HEALTHY_WITHIN_MS = 180_000;
/** Each check is a process of its own, on a machine that is starting five others. */
const BETWEEN_CHECKS_MS = 1_000;
/** What containers have of their own, and here is a folder. */
const FOLDERS = ['keys', 'data', 'tmp'];

export interface ComposedPlaneOptions {
  /** What stands in .env. */
  environment: Record<string, string>;
  databaseUrl: string;
  /** Whether Redis is started as the file says; else PostgreSQL does its work, as without REDIS_URL. */
  usesRedis: boolean;
  /** Stands for what containers keep in volumes. */
  folder: string;
  /** Below which ports are taken: by service and its port in the file. */
  ports: ReadonlyMap<string, number>;
}

/**
 * What docker-compose.yml would run, without containers: each service's very command as a process of this machine, with its
 * own environment, in its order, asked by its own health check. Addresses, ports and folders are those of this machine.
 */
export class ComposedPlane {
  readonly #options: ComposedPlaneOptions;
  readonly #running = new Map<string, StartedProcess>();
  readonly #begun = new Map<string, Promise<void>>();
  #file: ComposeFile;

  constructor(options: ComposedPlaneOptions) {
    this.#options = options;
    this.#file = readCompose(options.environment);
    for (const name of FOLDERS) mkdirSync(join(options.folder, name), { recursive: true });
  }

  /** A port of this machine for each that a service of ours has. */
  static async choosePorts(): Promise<Map<string, number>> {
    const ports = new Map<string, number>();
    for (const each of ['redis:6379', 'customers:3101', 'billing:3102', 'licensing:3103', 'usage:3104', 'gateway:3100', 'customers:3201', 'billing:3202', 'licensing:3203', 'usage:3204', 'gateway:3200', 'product:9109', 'agent:3002']) ports.set(each, await findFreePort());
    return ports;
  }

  /** Starts what does not run yet, as `docker compose up --wait`. @throws Error with what a service said that did not become healthy. */
  async up(profiles: readonly string[], environment: Record<string, string> = {}): Promise<void> {
    this.#file = readCompose({ ...this.#options.environment, ...environment });
    const wanted = inOrder(this.#file, profiles).filter(([, service]) => this.#isRunHere(service));
    await Promise.all(wanted.map(([name]) => this.#begin(name)));
  }

  url(service: string, port: number): string {
    return `http://127.0.0.1:${this.#portOf(service, port)}`;
  }

  /** What a service has said so far. */
  output(service: string): string {
    return this.#running.get(service)?.output() ?? '';
  }

  /** Ends everything, who depends on others first, and answers how each ended. */
  async down(): Promise<Record<string, number | string>> {
    const ends: Record<string, number | string> = {};
    for (const [name] of inOrder(this.#file, ['demo']).toReversed()) {
      const started = this.#running.get(name);
      if (started !== undefined && name !== 'keys') ends[name] = await started.stop('SIGTERM');
    }
    return ends;
  }

  /** Of the file's own images only Redis has a program that is here too; the database is the test server's. */
  #isRunHere({ image = '', command = [] }: ComposeService): boolean {
    return image === 'iotistic-control-plane' || (this.#options.usesRedis && command[0] === 'redis-server');
  }

  #begin(name: string): Promise<void> {
    const begun = this.#begun.get(name) ?? this.#start(name);
    this.#begun.set(name, begun);
    return begun;
  }

  async #start(name: string): Promise<void> {
    const service = this.#file.services[name];
    if (service === undefined || !this.#isRunHere(service)) return;
    await Promise.all(Object.keys(service.depends_on ?? {}).map((before) => this.#begin(before)));
    const environment = this.#environmentOf(name, service);
    const [program = '', ...args] = this.#commandOf(name, service);
    const started = startProcess(program === 'node' ? process.execPath : program, args, environment, { cwd: ROOT });
    this.#running.set(name, started);
    if (service.healthcheck?.test === undefined) {
      const end = await started.exited;
      if (end !== 0) throw new Error(`${name} ended with ${end}:\n${started.output()}`);
      return;
    }
    await this.#untilHealthy(name, service.healthcheck.test, environment, started);
  }

  async #untilHealthy(name: string, test: readonly string[], environment: Record<string, string>, started: StartedProcess): Promise<void> {
    const [, program = '', ...args] = test;
    const giveUp = AbortSignal.timeout(HEALTHY_WITHIN_MS);
    let ended = false;
    void started.exited.then(() => {
      ended = true;
    });
    const command = program === 'node' ? process.execPath : program;
    const own = program === 'redis-cli' ? ['-p', String(this.#portOf('redis', 6379)), ...args] : args;
    while (!giveUp.aborted && !ended) {
      const isWell = await promisify(execFile)(command, own, { env: { PATH: process.env['PATH'] ?? '', ...environment }, timeout: 10_000 }).then(
        () => true,
        () => false,
      );
      if (isWell) return;
      await new Promise((resolve) => {
        setTimeout(resolve, BETWEEN_CHECKS_MS);
      });
    }
    throw new Error(`${name} did not become healthy:\n${started.output()}`);
  }

  #commandOf(name: string, { command = [] }: ComposeService): string[] {
    const here = command.map((word) => this.#here(name, word));
    return name === 'redis' ? [...here, '--port', String(this.#portOf('redis', 6379)), '--bind', '127.0.0.1', '--dir', join(this.#options.folder, 'data')] : here;
  }

  #environmentOf(name: string, { environment = {} }: ComposeService): Record<string, string> {
    const here = Object.fromEntries(Object.entries(environment).map(([variable, value]) => [variable, this.#here(name, value)]));
    if ('DATABASE_URL' in here) here['DATABASE_URL'] = this.#options.databaseUrl;
    if (!this.#options.usesRedis) delete here['REDIS_URL'];
    return here;
  }

  /** The same word on this machine: a service's address, a port of one's own, a container's folder. */
  #here(name: string, word: string): string {
    const own = this.#options.ports.get(`${name}:${word}`);
    if (own !== undefined) return String(own);
    if (word === '0.0.0.0') return '127.0.0.1';
    if (FOLDERS.some((folder) => word === `/${folder}` || word.startsWith(`/${folder}/`))) return join(this.#options.folder, word);
    return word.replaceAll(/\b([a-z]+):(\d{4})\b/g, (text, service: string, port: string) => {
      const mapped = this.#options.ports.get(`${service}:${port}`);
      return mapped === undefined ? text : `127.0.0.1:${mapped}`;
    });
  }

  #portOf(service: string, port: number): number {
    const mapped = this.#options.ports.get(`${service}:${port}`);
    if (mapped === undefined) throw new Error(`${service} has no port ${port}`);
    return mapped;
  }
}
