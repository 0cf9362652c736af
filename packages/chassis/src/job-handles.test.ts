import { connect, createServer, type Server, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from './free-port.ts';
import { createJobs } from './jobs.ts';
import { createLog } from './log.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ template: 'job_handles', migrate: () => Promise.resolve() });
});
afterAll(() => database.drop());

/** The database behind a port that can be closed, with all that goes through it. */
async function openDoor(port: number): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const target = new URL(database.url);
  const server: Server = createServer((socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => undefined);
    }
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it('a worker and a queue that are opened while the database is away work when it is back', async () => {
  const port = await findFreePort();
  const url = new URL(database.url);
  url.port = String(port);
  let door = await openDoor(port);
  const jobs = await createJobs({ databaseUrl: url.href, log: createLog({ level: 'fatal', name: 'job-handles' }) });
  await door.close();
  const done: string[] = [];
  jobs.work('letters', async ({ id }) => void done.push(id));
  await expect(jobs.add('letters', [{ name: 'letter', id: 'lost', data: {} }])).rejects.toThrow(/ECONN|terminated|not queryable/);
  door = await openDoor(port);
  await waitFor(() => jobs.add('letters', [{ name: 'letter', id: 'kept', data: {} }]));
  await waitFor(() => expect(done).toEqual(['kept']));
  await jobs.close();
  await door.close();
});

it('who is told to end at once, ends', async () => {
  const jobs = await createJobs({ databaseUrl: database.url, log: createLog({ level: 'fatal', name: 'job-handles' }) });
  for (const queue of ['one', 'two', 'three']) jobs.work(queue, () => Promise.resolve());
  await expect(jobs.close()).resolves.toBeUndefined();
});
