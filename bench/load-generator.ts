import autocannon from 'autocannon';

/** What a generator is told, besides what its requests are about. */
export interface LoadTimes {
  url: string;
  warmUpSeconds: number;
  seconds: number;
  /** Measures no sooner than it is told: what the warm-up left behind is done then. */
  waitsToBeTold?: boolean;
}

/** What is fired, and what each answer has in it. */
export interface Load {
  url: string;
  connections: number;
  makers: readonly (() => Buffer)[];
  expected: string;
  /** Whether it has warmed up, besides for as long as it was told to. */
  isWarm?(): boolean;
}

/** What one volley came to. */
export interface Volley {
  calls: number;
  failed: number;
  /** The first answer that was not the expected one. */
  wrongAnswer: string | null;
  seconds: number;
  latencyP50Ms: number;
  latencyP99Ms: number;
}

export interface LoadResult extends Volley {
  kind: 'measured';
  /** Of the generator itself, while measuring. */
  cpuMs: number;
}

export interface Gun {
  /** Sends for so many seconds, without a pause. */
  fire(seconds: number): Promise<Volley>;
  /** Whether it has warmed up, besides for as long as it was told to. */
  isWarm?(): boolean;
}

const EXAMPLE_LENGTH = 400;

/** A load generator over HTTP. @param prepare gets the question's own order, as it was sent */
export function generateLoad(prepare: (order: never) => Load): void {
  followOrder((order: never) => {
    const load = prepare(order);
    return Promise.resolve({ fire: (seconds) => fireHttp(load, seconds), ...(load.isWarm === undefined ? {} : { isWarm: load.isWarm }) });
  });
}

/** The life of a load generator, a process of its own: is told what to do, warms up, says so, measures, says what it saw. */
export function followOrder(prepare: (order: never) => Promise<Gun>): void {
  process.once('disconnect', () => process.exit(1));
  process.once('message', (order: LoadTimes) => {
    prepare(order as never)
      .then((gun) => run(gun, order))
      .then(
        () => process.disconnect(),
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`);
          process.exit(1);
        },
      );
  });
  process.send?.({ kind: 'ready' });
}

async function run(gun: Gun, times: LoadTimes): Promise<void> {
  let calls = 0;
  do calls += (await gun.fire(times.warmUpSeconds)).calls;
  while (gun.isWarm?.() === false);
  const told = times.waitsToBeTold === true ? new Promise((resolve) => process.once('message', resolve)) : null;
  process.send?.({ kind: 'warm', calls });
  await told;
  const before = process.cpuUsage();
  const volley = await gun.fire(times.seconds);
  const cpu = process.cpuUsage(before);
  const measured: LoadResult = { kind: 'measured', ...volley, cpuMs: (cpu.user + cpu.system) / 1000 };
  await new Promise<void>((resolve) => process.send?.(measured, undefined, undefined, () => resolve()));
}

async function fireHttp(load: Load, seconds: number): Promise<Volley> {
  let connections = 0;
  let wrongAnswer: string | null = null;
  const result = await autocannon({
    url: load.url,
    method: 'POST',
    connections: load.connections,
    duration: seconds,
    timeout: 20,
    setupClient: (client) => {
      client.getRequestBuffer = load.makers[connections++ % load.makers.length] as () => Buffer;
    },
    verifyBody: (body) => {
      if (body.includes(load.expected)) return true;
      wrongAnswer ??= body.slice(0, EXAMPLE_LENGTH);
      return false;
    },
  });
  return { calls: result['2xx'], failed: result.non2xx + result.errors + result.mismatches, wrongAnswer, seconds: result.duration, latencyP50Ms: result.latency.p50, latencyP99Ms: result.latency.p99 };
}
