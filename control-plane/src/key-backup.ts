import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { z } from 'zod';
import { planeConfig } from './config.ts';

type Print = (line: string) => void;

const keyBackupConfig = planeConfig.pick({ DATA_DIR: true }).extend({
  /** What the file is sealed with; lost, the file is worth nothing. */
  BACKUP_PASSPHRASE: z.string().min(16, 'has 16 characters at least'),
});

const sealedSchema = z.object({ format: z.literal('iotistic-keys/1'), salt: z.base64(), iv: z.base64(), tag: z.base64(), sealed: z.base64() });
const filesSchema = z.record(z.string().regex(/^[\w.-]+(\/[\w.-]+)?$/).refine((path) => !path.split('/').includes('..')), z.object({ mode: z.number().int(), content: z.base64() }));
type KeyFiles = z.infer<typeof filesSchema>;

const KEY_BYTES = 32;
/** About 100 ms and 64 MB for each guess. */
const SCRYPT = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };
/** Of a data folder: all else in it is either no secret or in the database's backup. */
const ADMIN_TOKEN = 'admin-token';
const KEYS = 'keys';

/**
 * `npm run backup:keys -- FILE [FOLDER]`: what signs and opens, in one file that BACKUP_PASSPHRASE seals: the admin token and the
 * signing keys of DATA_DIR, or all files of a folder such as `npm run keys` makes. To be kept apart from the database's backup.
 * @throws ConfigError
 */
export async function backUpKeys(environment: NodeJS.ProcessEnv, args: readonly string[], print: Print): Promise<void> {
  const [file, folder, ...rest] = args;
  if (file === undefined || rest.length > 0) throw new ConfigError(['npm run backup:keys -- FILE [FOLDER]: name the file to write']);
  const config = loadConfig(keyBackupConfig, environment);
  const files = folder === undefined ? await readFiles(config.DATA_DIR, [ADMIN_TOKEN, ...(await namesIn(join(config.DATA_DIR, KEYS))).map((name) => `${KEYS}/${name}`)]) : await readFiles(folder, await namesIn(folder));
  const names = Object.keys(files);
  if (names.length === 0) throw new ConfigError([`${folder ?? config.DATA_DIR}: has no keys`]);
  await writeFile(file, `${JSON.stringify(seal(files, config.BACKUP_PASSPHRASE))}\n`, { flag: 'wx', mode: 0o600, flush: true }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new ConfigError([`${file}: exists; name a new file for each backup`]) : error;
  });
  print(`Sealed in ${file}: ${names.join(', ')}.`);
  print('Who has this file and the passphrase can sign licenses: keep them apart, and apart from the backup of the database.');
}

/** `npm run restore:keys -- FILE [FOLDER]`: puts them back. What is there already is left alone if it is the same, and refused if it is not. @throws ConfigError */
export async function restoreKeys(environment: NodeJS.ProcessEnv, args: readonly string[], print: Print): Promise<void> {
  const [file, folder, ...rest] = args;
  if (file === undefined || rest.length > 0) throw new ConfigError(['npm run restore:keys -- FILE [FOLDER]: name the file to read']);
  const config = loadConfig(keyBackupConfig, environment);
  const files = open(await readFile(file, 'utf8'), config.BACKUP_PASSPHRASE, file);
  const target = folder ?? config.DATA_DIR;
  const differing: string[] = [];
  for (const [name, { content }] of Object.entries(files)) {
    const there = await readFile(join(target, name)).catch(() => null);
    if (there !== null && !there.equals(Buffer.from(content, 'base64'))) differing.push(join(target, name));
  }
  if (differing.length > 0) throw new ConfigError([`${differing.join(', ')}: is there with another content; nothing was restored`]);
  await mkdir(target, { recursive: true, mode: 0o711 });
  for (const [name, { mode, content }] of Object.entries(files)) {
    await mkdir(dirname(join(target, name)), { recursive: true, mode: 0o700 });
    await writeFile(join(target, name), Buffer.from(content, 'base64'), { mode, flush: true });
    await chmod(join(target, name), mode);
  }
  print(`Restored in ${target}: ${Object.keys(files).join(', ')}.`);
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function readFiles(folder: string, names: readonly string[]): Promise<KeyFiles> {
  const files: KeyFiles = {};
  for (const name of names) {
    const content = await readFile(join(folder, name)).catch(() => null);
    if (content !== null) files[name] = { mode: (await stat(join(folder, name))).mode & 0o777, content: content.toString('base64') };
  }
  return files;
}

function seal(files: KeyFiles, passphrase: string): z.infer<typeof sealedSchema> {
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, KEY_BYTES, SCRYPT), iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(files)), cipher.final()]);
  return { format: 'iotistic-keys/1', salt: salt.toString('base64'), iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), sealed: sealed.toString('base64') };
}

function open(text: string, passphrase: string, file: string): KeyFiles {
  try {
    const { salt, iv, tag, sealed } = sealedSchema.parse(JSON.parse(text));
    const decipher = createDecipheriv('aes-256-gcm', scryptSync(passphrase, Buffer.from(salt, 'base64'), KEY_BYTES, SCRYPT), Buffer.from(iv, 'base64'), { authTagLength: 16 });
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    return filesSchema.parse(JSON.parse(Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]).toString('utf8')));
  } catch {
    throw new ConfigError([`${file}: does not open with this BACKUP_PASSPHRASE, or is no backup of keys`]);
  }
}
