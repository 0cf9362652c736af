import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ConfigError } from '@iotistic/chassis/config';
import { z } from 'zod';

const manifestSchema = z.object({
  format: z.literal('iotistic-backup/1'),
  /** `cluster`: the embedded PostgreSQL, whole, as a gzipped tar. `dump`: what pg_dump wrote, in its custom format. */
  kind: z.enum(['cluster', 'dump']),
  /** The plane's time before the first byte was read: what it took later may not be in it. */
  backedUpAt: z.iso.datetime().transform((text) => new Date(text)),
  bytes: z.number().int(),
  sha256: z.string(),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

const MANIFEST = 'backup.json';
const FILES = { cluster: 'cluster.tar.gz', dump: 'database.dump' } as const;

export function backupFileOf(folder: string, kind: BackupManifest['kind']): string {
  return join(folder, FILES[kind]);
}

/** Makes the folder, for its owner's eyes. @throws ConfigError where something is in it: no backup is written over another. */
export async function makeBackupFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new ConfigError([`${folder}: is not empty; name a new folder for each backup`]);
}

/** Last of all: a folder without it is no backup. */
export async function writeManifest(folder: string, of: Pick<BackupManifest, 'kind' | 'backedUpAt'>): Promise<BackupManifest> {
  const file = backupFileOf(folder, of.kind);
  await syncFile(file);
  const manifest = { format: 'iotistic-backup/1' as const, ...of, bytes: (await stat(file)).size, sha256: await sha256Of(file) };
  const handle = await open(join(folder, MANIFEST), 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFile(folder);
  return manifest;
}

/** @throws ConfigError for what is no whole backup. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => null);
  if (text === null) throw new ConfigError([`${folder}: has no ${MANIFEST}; it is no backup, or one that was cut short`]);
  const manifest = manifestSchema.safeParse(parse(text));
  if (!manifest.success) throw new ConfigError([`${join(folder, MANIFEST)}: is not of this release's format`]);
  const file = backupFileOf(folder, manifest.data.kind);
  const sha256 = await sha256Of(file).catch(() => null);
  if (sha256 !== manifest.data.sha256) throw new ConfigError([`${file}: is not what was backed up (SHA-256 ${sha256 ?? 'of nothing'}); nothing was restored`]);
  return manifest.data;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
