import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@iotistic/chassis/config';
import { z } from 'zod';
import { DEMO_FLEET } from './demo-fleet.ts';

const accountSchema = z.object({ email: z.string(), password: z.string(), customerId: z.string().optional(), apiKey: z.string().optional() });
const stateSchema = z.object({
  /** When the demo's first day began, by the plane's clock. */
  beganAt: z.iso.datetime(),
  /** Days that are lived to their end. */
  livedDays: z.number().int().min(0),
  accounts: z.record(z.string(), accountSchema),
});

export type DemoAccount = z.output<typeof accountSchema>;
export type DemoState = z.output<typeof stateSchema>;

/** What the demo has done so far and the passwords of its users: for the owner's eyes, since a start after this one needs them. */
export class DemoFile {
  readonly path: string;
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'demo');
    this.path = join(this.#folder, 'demo.json');
  }

  /** @throws ConfigError when it is there and cannot be read. */
  read(): DemoState | null {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    try {
      return stateSchema.parse(JSON.parse(text));
    } catch {
      throw new ConfigError([`${this.path}: is not the file that the demo left; remove the data folder to begin anew`]);
    }
  }

  /** Whole or not at all: what is done is never done again because its note was lost. */
  write(state: DemoState): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const next = `${this.path}.next`;
    const handle = openSync(next, 'w', 0o600);
    try {
      writeSync(handle, `${JSON.stringify(state, null, 2)}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(next, this.path);
  }
}

/** A demo that begins now. */
export function newDemo(beganAt: Date): DemoState {
  return {
    beganAt: beganAt.toISOString(),
    livedDays: 0,
    accounts: Object.fromEntries(DEMO_FLEET.map(({ key, email }) => [key, { email, password: randomBytes(12).toString('base64url') }])),
  };
}

export function accountOf(state: DemoState, key: string): DemoAccount {
  const account = state.accounts[key];
  if (account === undefined) throw new Error(`the demo has no account ${key}`);
  return account;
}
