import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keyIdOf } from '@iotistic/contracts/key-announcement';
import { calendarOf, verifyLicense } from '@iotistic/contracts/license';
import { revocationOf, verifyRevocationList } from '@iotistic/contracts/revocation-list';
import { type FindLicenseKey, isLicenseKey, namedKeyId } from '@iotistic/contracts/signed-document';
import { unwrapToken } from '@iotistic/contracts/wrapped-token';
import { z } from 'zod';
import { CliError, EXIT, type ExitCode } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { CliVerifyLicenseDocument, type CliVerifyLicenseQuery } from '../generated.ts';
import { type Details, formatDetails, formatInstant } from '../printable.ts';

export interface VerifyOptions {
  offline?: boolean;
  key?: string;
  jwks?: string;
  revocations?: string;
}

type Verdict = CliVerifyLicenseQuery['verifyLicense'];

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })) });
const PEM_BLOCK = /-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g;

/** Asks the plane, or with the keys at hand nobody. A license is never an argument: it is a credential. */
export async function verifyLicenseFile(context: Context, options: VerifyOptions, file = ''): Promise<ExitCode> {
  const token = unwrapToken(file === '-' ? await context.terminal.readInput() : readText(file));
  if (token === '') throw new CliError(EXIT.usage, `There is no license in ${file === '-' ? 'standard input' : file}.`);
  const verdict = options.offline === true ? verifyOffline(token, options, context.terminal.clock.now()) : (await context.plane().ask(CliVerifyLicenseDocument, { token })).verifyLicense;
  context.answer({ offline: options.offline === true, ...verdict }, () => describe(context, verdict));
  return verdict.valid ? EXIT.ok : EXIT.failure;
}

/** @throws CliError */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read (${String((error as NodeJS.ErrnoException).code)}).`);
  }
}

function verifyOffline(token: string, { key, jwks, revocations }: VerifyOptions, now: Date): Verdict {
  const keys = new Map([...(key === undefined ? [] : readPem(key)), ...(jwks === undefined ? [] : readJwks(jwks))]);
  if (keys.size === 0) throw new CliError(EXIT.usage, 'Without asking the plane a key is needed: give --key <file> or --jwks <file>.');
  const findKey: FindLicenseKey = (kid) => keys.get(kid) ?? null;
  const list = revocations === undefined ? null : verifyRevocationList(unwrapToken(readText(revocations)), findKey);
  if (list !== null && list.claims === null) throw new CliError(EXIT.failure, `${String(revocations)} is no list of revocations that these keys signed (${list.state}).`);
  const revokedAt = (jti: string, kid: string): Date | null => revocationOf(list?.claims ?? null, jti, kid);
  const { state, valid, claims } = verifyLicense(token, { findKey, now, isRevoked: (jti, kid) => revokedAt(jti, kid) !== null });
  if (claims === null) return { valid, state, claims: null, expiresAt: null, calendar: null, revokedAt: null };
  const revoked = revokedAt(claims.jti, namedKeyId(token) ?? '');
  const { expiresAt, graceUntil, readOnlyFrom, unlicensedFrom } = calendarOf(claims, revoked);
  const calendar = { expiresAt: expiresAt.toISOString(), graceUntil: graceUntil.toISOString(), readOnlyFrom: readOnlyFrom.toISOString(), unlicensedFrom: unlicensedFrom.toISOString() };
  return { valid, state, claims, expiresAt: new Date(claims.exp * 1000).toISOString(), calendar, revokedAt: revoked?.toISOString() ?? null };
}

/** @throws CliError */
function readPem(path: string): [string, KeyObject][] {
  const blocks = readText(path).match(PEM_BLOCK) ?? [];
  if (blocks.length === 0) throw new CliError(EXIT.usage, `${path} has no key in PEM.`);
  const keys = blocks.map((block) => toKey(path, () => createPublicKey(block)));
  if (keys.some(([, key]) => !isLicenseKey(key))) throw new CliError(EXIT.usage, `${path} has a key that signs no licenses: RSA of 2048 bits or more does.`);
  return keys;
}

/** @throws CliError */
function readJwks(path: string): [string, KeyObject][] {
  const text = readText(path);
  let keys: z.infer<typeof jwksSchema>['keys'];
  try {
    ({ keys } = jwksSchema.parse(JSON.parse(text)));
  } catch {
    throw new CliError(EXIT.usage, `${path} is no set of keys (JWKS).`);
  }
  return keys.map((jwk) => toKey(path, () => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }), jwk.kid));
}

/** With the name that the file gives it, else its own thumbprint. @throws CliError */
function toKey(path: string, read: () => KeyObject, kid?: string): [string, KeyObject] {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new CliError(EXIT.usage, `${path} has a key that is none.`);
  }
  return [kid ?? keyIdOf(key), key];
}

function describe({ colors }: Context, { valid, state, claims, calendar, revokedAt }: Verdict): string {
  const title = valid ? colors.green(`✔ ${state}`) : colors.red(`✘ ${state}`);
  if (claims === null || calendar === null) return `${title}: nothing of it can be believed.`;
  const details: Details = [
    ['ID', String(claims['jti'])],
    ['Customer', `${String(claims['customerName'])} (${String(claims['customerId'])})`],
    ['Plan', String(claims['plan'])],
    ...(revokedAt === null ? [] : [['Revoked', formatInstant(revokedAt)] as const]),
    ['Licensed until', formatInstant(calendar.expiresAt)],
    ['Grace until', formatInstant(calendar.graceUntil)],
    ['Read-only from', formatInstant(calendar.readOnlyFrom)],
    ['Unlicensed from', formatInstant(calendar.unlicensedFrom)],
  ];
  return formatDetails(title, details);
}
