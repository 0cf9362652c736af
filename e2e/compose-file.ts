/** docker-compose.yml as compose reads it: its variables put in, its short forms written out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './built.ts';

export interface ComposeService {
  image?: string;
  build?: string;
  profiles?: string[];
  command?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test?: string[]; disable?: boolean; interval?: string; timeout?: string; retries?: number };
  depends_on?: Record<string, { condition: 'service_healthy' | 'service_completed_successfully' }>;
  volumes?: string[];
  ports?: string[];
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  stop_grace_period?: string;
}

export interface ComposeFile {
  name: string;
  services: Record<string, ComposeService>;
  volumes: Record<string, null>;
}

/** A default may name another variable. */
const VARIABLE = /\$(?:\$|\{(\w+)(?:(:[-?])((?:[^{}]|\$\{[^{}]*\})*))?\})/g;

export function composeText(): string {
  return readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
}

/** The names that a compose file takes from its environment. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].flatMap(([, name]) => name ?? []))].toSorted();
}

/** @throws Error when a variable that has to be set is not, with what the file says of it. */
export function readCompose(environment: Readonly<Record<string, string>>): ComposeFile {
  return interpolate(parse(composeText(), { merge: true }), environment) as ComposeFile;
}

function interpolate(value: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return value.replaceAll(VARIABLE, (_, name: string | undefined, operator: string | undefined, rest: string | undefined) => (name === undefined ? '$' : valueOf(environment, name, operator, rest)));
  if (Array.isArray(value)) return value.map((each) => interpolate(each, environment));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolate(each, environment)]));
  return value;
}

function valueOf(environment: Readonly<Record<string, string>>, name: string, operator: string | undefined, rest: string | undefined): string {
  const value = environment[name] ?? '';
  if (value !== '') return value;
  if (operator === ':?') throw new Error(`${name}: ${rest ?? ''}`);
  return operator === ':-' ? String(interpolate(rest ?? '', environment)) : '';
}

/** Those that start with these profiles, each after what it waits for. @throws Error where they wait for one another. */
export function inOrder({ services }: ComposeFile, profiles: readonly string[]): [name: string, service: ComposeService][] {
  const wanted = Object.entries(services).filter(([, { profiles: own = [] }]) => own.length === 0 || own.some((each) => profiles.includes(each)));
  const ordered: [string, ComposeService][] = [];
  while (ordered.length < wanted.length) {
    const next = wanted.filter(([name, { depends_on: before = {} }]) => ordered.every(([done]) => done !== name) && Object.keys(before).every((each) => ordered.some(([done]) => done === each)));
    if (next.length === 0) throw new Error('services wait for one another, or for one that does not start');
    ordered.push(...next);
  }
  return ordered;
}
