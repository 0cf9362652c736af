import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backUpKeys, restoreKeys } from './key-backup.ts';

let root: string;
let said: string[];
const print = (line: string): void => void said.push(line);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'iotistic-keys-'));
  said = [];
  mkdirSync(join(root, 'old/keys'), { recursive: true });
  writeFileSync(join(root, 'old/admin-token'), 'iota_secret\n', { mode: 0o600 });
  writeFileSync(join(root, 'old/keys/license-signing-key.pem'), 'SIGNING KEY', { mode: 0o600 });
});
afterEach(() => rmSync(root, { recursive: true }));

const environment = (folder: string, passphrase = 'correct horse battery'): NodeJS.ProcessEnv => ({ DATA_DIR: join(root, folder), BACKUP_PASSPHRASE: passphrase });
const file = (): string => join(root, 'keys.sealed');

it('keys come back as they were, from a file that says nothing without the passphrase', async () => {
  await backUpKeys(environment('old'), [file()], print);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readFileSync(file(), 'utf8')).not.toMatch(/iota_secret|SIGNING|license|admin/);
  await restoreKeys(environment('new'), [file()], print);
  expect(readFileSync(join(root, 'new/admin-token'), 'utf8')).toBe('iota_secret\n');
  expect(readFileSync(join(root, 'new/keys/license-signing-key.pem'), 'utf8')).toBe('SIGNING KEY');
  expect(statSync(join(root, 'new/keys/license-signing-key.pem')).mode & 0o777).toBe(0o600);
  // Once more changes nothing.
  await restoreKeys(environment('new'), [file()], print);
  expect(said.join('\n')).not.toContain('iota_secret');
});

it('the files of any folder of keys can be sealed', async () => {
  await backUpKeys(environment('none'), [file(), join(root, 'old/keys')], print);
  await restoreKeys(environment('none'), [file(), join(root, 'again')], print);
  expect(readFileSync(join(root, 'again/license-signing-key.pem'), 'utf8')).toBe('SIGNING KEY');
});

it('nothing is written over, with another passphrase or another content', async () => {
  await backUpKeys(environment('old'), [file()], print);
  await expect(backUpKeys(environment('old'), [file()], print)).rejects.toThrow('exists');
  await expect(restoreKeys(environment('new', 'another horse battery'), [file()], print)).rejects.toThrow('does not open');
  mkdirSync(join(root, 'new'));
  writeFileSync(join(root, 'new/admin-token'), 'iota_other\n');
  await expect(restoreKeys(environment('new'), [file()], print)).rejects.toThrow('is there with another content');
  expect(readFileSync(join(root, 'new/admin-token'), 'utf8')).toBe('iota_other\n');
  writeFileSync(file(), readFileSync(file(), 'utf8').replace('"sealed":"', '"sealed":"AAAA'));
  await expect(restoreKeys(environment('third'), [file()], print)).rejects.toThrow('does not open');
});

it('says what it lacks', async () => {
  await expect(backUpKeys(environment('old'), [], print)).rejects.toThrow('name the file to write');
  await expect(backUpKeys(environment('empty'), [file()], print)).rejects.toThrow('has no keys');
  await expect(backUpKeys(environment('old', 'short'), [file()], print)).rejects.toThrow('BACKUP_PASSPHRASE: has 16 characters at least');
});
