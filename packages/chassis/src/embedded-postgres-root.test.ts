import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { findBinaries } from './embedded-postgres-binaries.ts';
import { canReach, findUnprivilegedUser, isRoot, type RunAs } from './embedded-postgres-user.ts';
import { createLog } from './log.ts';

const log = createLog({ level: 'silent', name: 'test' });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iotistic-root-'));
  await chmod(folder, 0o711);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the user that PostgreSQL runs as where we are root', () => {
  test.each<[string, RunAs]>([
    ['root:x:0:0:::\nnobody:x:65534:65533:::\npostgres:x:101:104:::\n', { uid: 101, gid: 104 }],
    ['root:x:0:0:::\nnobody:x:65534:65533:::\n', { uid: 65_534, gid: 65_533 }],
    ['nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n', { uid: 4_294_967_294, gid: 4_294_967_294 }],
    ['postgres:x:0:0:::\nnobody:x:99:99:::\n', { uid: 99, gid: 99 }],
  ])('is found in %j', (passwd, user) => {
    expect(findUnprivilegedUser(passwd)).toEqual(user);
  });

  test('that there is none is said in words', () => {
    expect(() => findUnprivilegedUser('root:x:0:0:::\n')).toThrow('set DATABASE_URL');
  });
});

test('a path is reachable for who may walk all the way, and only for them', async () => {
  const closed = join(folder, 'closed');
  await mkdir(join(closed, 'inside'), { recursive: true });
  const { uid, gid } = await stat(closed);
  const stranger = { uid: uid + 1_000, gid: gid + 1_000 };
  await chmod(closed, 0o700);
  expect(await canReach(join(closed, 'inside'), stranger)).toBe(false);
  expect(await canReach(join(closed, 'inside'), { uid, gid: stranger.gid })).toBe(true);
  await chmod(closed, 0o710);
  expect(await canReach(join(closed, 'inside'), { uid: stranger.uid, gid })).toBe(true);
  await chmod(closed, 0o711);
  expect(await canReach(join(closed, 'inside'), stranger)).toBe(true);
  expect(await canReach(closed, stranger, { toRead: true })).toBe(false);
});

describe('PostgreSQL’s programs', () => {
  const installed = resolve(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..');

  async function installWithoutScripts(name: string): Promise<string> {
    const root = join(folder, name);
    await cp(installed, root, { recursive: true, verbatimSymlinks: true });
    for (const link of await linksOf(root)) await rm(link);
    return root;
  }

  async function linksOf(root: string): Promise<string[]> {
    const links = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
    return links.map((link) => join(root, link.target));
  }

  test('run from a package whose install script was blocked', async () => {
    const root = await installWithoutScripts('blocked');
    const { postgres } = await findBinaries(null, root);
    for (const link of await linksOf(root)) expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await outputOf(postgres)).toContain('18.');
  });

  test('are copied where their user cannot reach them, once, and completed where files went missing', async () => {
    const root = await installWithoutScripts('unreachable');
    await chmod(root, 0o700);
    const { uid, gid } = await stat(folder);
    const stranger = { uid: uid + 1_000, gid: gid + 1_000 };
    const cache = join(folder, 'cache');
    await mkdir(cache, { mode: 0o755 });
    const first = await findBinaries(stranger, root, [cache]);
    expect(first.postgres.startsWith(cache)).toBe(true);
    expect(await canReach(first.postgres, stranger, { toRead: true })).toBe(true);
    expect(await outputOf(first.postgres)).toContain('18.');
    const { ino } = await stat(first.postgres);
    expect(await findBinaries(stranger, root, [cache])).toEqual(first);
    expect((await stat(first.postgres)).ino).toBe(ino);
    await rm(join(dirname(first.postgres), '..', 'share'), { recursive: true });
    await findBinaries(stranger, root, [cache]);
    expect((await stat(join(dirname(first.postgres), '..', 'share'))).isDirectory()).toBe(true);
    await chmod(resolve(dirname(first.postgres), '..'), 0o777);
    await expect(findBinaries(stranger, root, [cache])).rejects.toThrow('not trusted');
  });
});

test('root’s server runs as an unprivileged user, also where that user cannot reach the data directory', async () => {
  const home = join(folder, 'home');
  await mkdir(home, { mode: 0o700 });
  const dataDir = join(home, 'data');
  const first = await startEmbeddedPostgres({ dataDir, log, durable: false });
  const where = await readFile(join(dataDir, 'cluster-location'), 'utf8').catch(() => null);
  try {
    await query(first.url, 'create table kept as select 1 as n');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir, log, durable: false });
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
    await second.stop();
    // An ordinary user's data stays where it was asked for, and is theirs.
    expect(where === null).toBe(!isRoot());
    expect((await stat(join(where ?? dataDir, 'cluster'))).uid).toBe(isRoot() ? findUnprivilegedUser().uid : process.geteuid?.());
  } finally {
    await first.stop();
    if (where !== null) await rm(where, { recursive: true, force: true });
  }
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function outputOf(program: string): Promise<string> {
  const child = spawn(program, ['--version'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return chunk.toString();
}
