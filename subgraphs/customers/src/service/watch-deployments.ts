import { LiveIterator } from '@iotistic/chassis/live-iterator';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { findDeployments, listRecentDeployments } from '../repository/deployments.ts';

type App = Pick<CustomersApp, 'db' | 'live' | 'log'>;

const MAX_WAITING = 500;
/** After a gap so many of the newest are looked at: more are hardly under way at once. */
const MAX_RECENT = 100;
const READ_AGAIN_AFTER_MS = 1_000;

/** Each change of a customer's deployments from now on; of one that changes faster than it is read, the newest. */
export function watchDeployments(app: App, customerId: string): LiveIterator<Deployment> {
  return new LiveIterator<Deployment>({ limit: MAX_WAITING, start: (push) => new Watch(app, customerId, push).start() });
}

class Watch {
  readonly #app: App;
  readonly #customerId: string;
  readonly #push: (deployment: Deployment) => void;
  /** The revision of each that was passed on last. */
  readonly #seen = new Map<string, number>();
  readonly #told = new Set<string>();
  #wholeAsked = false;
  #reading = false;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(app: App, customerId: string, push: (deployment: Deployment) => void) {
    this.#app = app;
    this.#customerId = customerId;
    this.#push = push;
  }

  start(): () => void {
    const stops = [
      this.#app.live.subscribe(`deployment:${this.#customerId}`, (id) => {
        this.#told.add(id);
        this.#read();
      }),
      this.#app.live.onGap(() => {
        this.#wholeAsked = true;
        this.#read();
      }),
    ];
    return () => {
      this.#isOver = true;
      for (const stop of stops) stop();
      clearTimeout(this.#timer);
    };
  }

  #read(): void {
    if (this.#reading || this.#isOver) return;
    this.#reading = true;
    this.#readAll()
      .catch((err: unknown) => {
        this.#app.log.warn({ err, customer: this.#customerId }, 'changes of deployments could not be read');
        // What was asked for is not known any more: everything that is recent is looked at.
        this.#wholeAsked = true;
        this.#timer = setTimeout(() => this.#read(), READ_AGAIN_AFTER_MS);
      })
      .finally(() => {
        this.#reading = false;
      });
  }

  async #readAll(): Promise<void> {
    while ((this.#told.size > 0 || this.#wholeAsked) && !this.#isOver) {
      const ids = [...this.#told];
      const whole = this.#wholeAsked;
      this.#told.clear();
      this.#wholeAsked = false;
      const rows = whole ? await listRecentDeployments(this.#app.db, this.#customerId, MAX_RECENT) : await findDeployments(this.#app.db, ids);
      for (const row of rows.toReversed()) this.#passOn(row);
    }
  }

  #passOn(deployment: Deployment): void {
    if (deployment.customerId !== this.#customerId || deployment.revision <= (this.#seen.get(deployment.id) ?? 0)) return;
    this.#seen.set(deployment.id, deployment.revision);
    this.#push(deployment);
  }
}
