import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { backUp } from './back-up.ts';
import { backupFileOf, readManifest, writeManifest } from './backup-folder.ts';
import { restore } from './restore.ts';

const root = mkdtempSync(join(tmpdir(), 'iotistic-backup-'));
afterAll(() => rmSync(root, { recursive: true }));
const environment = { NODE_ENV: 'test', LOG_LEVEL: 'silent', DATA_DIR: join(root, 'data') };
const print = (): void => undefined;

function folderOf(name: string): string {
  mkdirSync(join(root, name), { recursive: true });
  return join(root, name);
}

it('no backup is written over another, nor without a folder', async () => {
  const folder = folderOf('taken');
  writeFileSync(join(folder, 'something'), '');
  await expect(backUp(environment, [folder], print)).rejects.toThrow('is not empty');
  await expect(backUp(environment, [], print)).rejects.toThrow('name one new folder');
});

it('what is cut short, damaged or of another kind is not restored', async () => {
  const folder = folderOf('cut');
  await expect(restore(environment, [folder], print)).rejects.toThrow('cut short');
  writeFileSync(backupFileOf(folder, 'dump'), 'a dump');
  const backedUpAt = new Date('2026-11-20T12:00:00.000Z');
  await writeManifest(folder, { kind: 'dump', backedUpAt });
  expect(await readManifest(folder)).toMatchObject({ kind: 'dump', backedUpAt, bytes: 6 });
  await expect(restore(environment, [folder], print)).rejects.toThrow('say where to restore it');
  writeFileSync(backupFileOf(folder, 'dump'), 'A dump');
  await expect(restore(environment, [folder], print)).rejects.toThrow('is not what was backed up');
  writeFileSync(join(folder, 'backup.json'), '{}');
  await expect(restore(environment, [folder], print)).rejects.toThrow("not of this release's format");
  await expect(restore(environment, ['--mark', 'yesterday'], print)).rejects.toThrow('--mark TIME');
});
