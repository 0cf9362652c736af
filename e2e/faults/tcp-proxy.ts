import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  isFrozen: boolean;
}

/** Stands between a client and a server on 127.0.0.1. What it freezes says nothing more, and is not ended: as of a machine that hangs, or was cut off. */
export class TcpProxy {
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #freezesNew = false;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => this.#join(near));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve, reject) => proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open on the client's side. */
  get open(): number {
    return this.#pairs.size;
  }

  get frozen(): number {
    return [...this.#pairs].filter(({ isFrozen }) => isFrozen).length;
  }

  /** @param options.new whether those that are still to come are frozen too. */
  freeze(options: { new: boolean }): void {
    this.#freezesNew = options.new;
    for (const pair of this.#pairs) freezePair(pair);
  }

  thaw(): void {
    this.#freezesNew = false;
    for (const pair of this.#pairs) {
      pair.isFrozen = false;
      pair.near.resume();
      pair.far.resume();
    }
  }

  async close(): Promise<void> {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#targetPort, host: '127.0.0.1' });
    const pair: Pair = { near, far, isFrozen: false };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (chunk) => void to.write(chunk));
      from.on('error', end);
      from.on('close', end);
    }
    if (this.#freezesNew) freezePair(pair);
  }
}

function freezePair(pair: Pair): void {
  pair.isFrozen = true;
  pair.near.pause();
  pair.far.pause();
}
