import { readFileSync } from 'node:fs';
import { readSetting } from '@iotistic/contracts/setting';
import { tokenProblem, unwrapKey } from '@iotistic/contracts/wrapped-token';
import { CliError, EXIT } from './cli-error.ts';
import { getProfile, readProfiles } from './profiles.ts';
import type { Target } from './plane.ts';
import type { Terminal } from './terminal.ts';

export const DEFAULT_URL = 'http://127.0.0.1:3100';
const MAX_TOKEN_CHARACTERS = 8_192;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export interface ResolvedTarget extends Omit<Target, 'timeoutSeconds'> {
  /** Where the address was said: for people. */
  source: string;
  profile: string | null;
}

/**
 * Which plane is meant, and with which token: --profile, else IOTCTL_URL and IOTCTL_TOKEN, else the profile in use, else this
 * machine. A profile's token goes to the profile's address and to no other.
 * @throws CliError
 */
export function resolveTarget(terminal: Pick<Terminal, 'environment' | 'configFolder'>, named: string | null): ResolvedTarget {
  const { environment, configFolder } = terminal;
  const name = named ?? setting(environment, 'IOTCTL_PROFILE');
  if (name !== null) {
    const { url, token } = getProfile(readProfiles(configFolder), name);
    return { url: checkUrl(url), token, source: `profile ${name}`, profile: name };
  }
  const url = setting(environment, 'IOTCTL_URL');
  const token = readToken(environment);
  const profiles = readProfiles(configFolder);
  const current = profiles.current === null ? null : getProfile(profiles, profiles.current);
  if (current !== null && (url === null || checkUrl(url) === current.url)) return { url: checkUrl(current.url), token: token ?? current.token, source: `profile ${String(profiles.current)}`, profile: profiles.current };
  return { url: checkUrl(url ?? DEFAULT_URL), token, source: url === null ? 'the default' : 'IOTCTL_URL', profile: null };
}

function setting(environment: Terminal['environment'], name: string): string | null {
  return readSetting(environment[name]);
}

/** @throws CliError when the file is not to be read. */
function readToken(environment: Terminal['environment']): string | null {
  const token = setting(environment, 'IOTCTL_TOKEN');
  const path = setting(environment, 'IOTCTL_TOKEN_FILE');
  if (token !== null) return checkToken(token, 'IOTCTL_TOKEN');
  return path === null ? null : checkToken(readTokenFile(path, 'IOTCTL_TOKEN_FILE'), 'IOTCTL_TOKEN_FILE');
}

/** @throws CliError */
export function readTokenFile(path: string, source: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.usage, `${source}: ${path} cannot be read (${String((error as NodeJS.ErrnoException).code)}).`);
  }
}

/** A token is one word of visible ASCII; what it was copied with means nothing. It is not repeated when it is wrong. @throws CliError */
export function checkToken(text: string, source: string): string {
  const token = unwrapKey(text);
  const problem = tokenProblem(token, MAX_TOKEN_CHARACTERS, 'a token');
  if (problem !== null) throw new CliError(EXIT.usage, `${source}: that ${problem}.`);
  return token;
}

/** Without a slash at its end. @throws CliError */
export function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw new CliError(EXIT.usage, `${text} is no address of a plane: an absolute http or https address is.`);
  if (url.username !== '' || url.password !== '') throw new CliError(EXIT.usage, 'An address with a password in it would be seen by everybody who sees the address: use a token.');
  if (url.search !== '' || url.hash !== '') throw new CliError(EXIT.usage, `${text} is no address of a plane: it has a query.`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/graphql$/, '')}`;
}

/** Whether a token would travel where others can read it. */
export function travelsInTheClear({ url, token }: Pick<Target, 'url' | 'token'>): boolean {
  const { protocol, hostname } = new URL(url);
  return token !== null && protocol === 'http:' && !LOOPBACK.test(hostname);
}
