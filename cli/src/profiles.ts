import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError, EXIT } from './cli-error.ts';

const profileSchema = z.object({ url: z.string(), token: z.string().nullable() });
const fileSchema = z.object({ current: z.string().nullable(), profiles: z.record(z.string(), profileSchema) });
export type Profile = z.infer<typeof profileSchema>;
export type Profiles = z.infer<typeof fileSchema>;

const PROFILE_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;
const FILE = 'profiles.json';

export function profilesPath(folder: string): string {
  return join(folder, FILE);
}

/** @throws CliError when the file is there and cannot be read. */
export function readProfiles(folder: string): Profiles {
  const path = profilesPath(folder);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { current: null, profiles: {} };
    throw new CliError(EXIT.failure, `${path} cannot be read (${String(code)}).`);
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new CliError(EXIT.failure, `${path} is damaged: repair it, or remove it and add the profiles anew.`);
  }
}

/** Whole or not at all, and for nobody but its owner: it has tokens. */
export function writeProfiles(folder: string, profiles: Profiles): void {
  const path = profilesPath(folder);
  const temporary = `${path}.new`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 });
    // The mode above counts for new files only.
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
  } catch (error) {
    throw new CliError(EXIT.failure, `${path} cannot be written (${String((error as NodeJS.ErrnoException).code)}).`);
  }
}

/** Whether somebody else on this machine can read the tokens. */
export function isExposed(folder: string): boolean {
  try {
    return (statSync(profilesPath(folder)).mode & 0o077) !== 0;
  } catch {
    return false;
  }
}

/** @throws CliError */
export function getProfile(profiles: Profiles, name: string): Profile {
  const profile = Object.hasOwn(profiles.profiles, name) ? profiles.profiles[name] : undefined;
  if (profile === undefined) throw new CliError(EXIT.notFound, `There is no profile ${name}. See iotctl profile list.`);
  return profile;
}

/** @throws CliError */
export function checkProfileName(name: string): string {
  if (!PROFILE_NAME.test(name) || name === '__proto__') throw new CliError(EXIT.usage, 'A profile has a name of up to 63 letters, digits, dots, hyphens and underscores.');
  return name;
}
