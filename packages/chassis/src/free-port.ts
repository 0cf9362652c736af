import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Above this the kernel hands out ports for outgoing connections: a port from there may be taken the moment it is let go. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_767;
const ATTEMPTS = 50;

/**
 * A TCP port on 127.0.0.1 that nobody listens on now. Whoever binds it has to be ready for another to have been faster.
 * @throws where fifty in a row were taken.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port was found on 127.0.0.1 in ${ATTEMPTS} tries`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
