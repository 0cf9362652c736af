/** `npm run keys -- FOLDER [--keep]`: the keys of a distributed plane. Nothing that exists is overwritten; with --keep a complete set that is there is as good as a new one. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? 'keys';
mkdirSync(folder, { recursive: true, mode: 0o700 });
const spki = { type: 'spki', format: 'pem' } as const;
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const caller = generateKeyPairSync('ed25519', { publicKeyEncoding: spki, privateKeyEncoding: pkcs8 });
const license = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: spki, privateKeyEncoding: pkcs8 });
const files = [
  { name: 'caller-private.pem', text: caller.privateKey, mode: 0o600, use: 'CALLER_PRIVATE_KEY_FILE of the gateway' },
  { name: 'caller-public.pem', text: caller.publicKey, mode: 0o644, use: 'CALLER_PUBLIC_KEY_FILE of each subgraph' },
  { name: 'license-private.pem', text: license.privateKey, mode: 0o600, use: 'LICENSE_PRIVATE_KEY_FILE of licensing; keep a copy: lost, every license must be issued anew' },
  { name: 'license-public.pem', text: license.publicKey, mode: 0o644, use: 'LICENSE_PUBLIC_KEY_FILE of an instance agent' },
];
/** It belongs to no pair: a set from before it was known is made whole with it. */
const sealing = { name: 'license-encryption.key', text: `${randomBytes(32).toString('base64')}\n`, mode: 0o600, use: 'LICENSE_KEY_ENCRYPTION_KEY_FILE of licensing: seals the private keys in its database; keep a copy apart from the database' };
const write = ({ name, text, mode, use }: typeof sealing): void => {
  writeFileSync(join(folder, name), text, { flag: 'wx', mode });
  process.stdout.write(`${join(folder, name)}: ${use}\n`);
};
const existing = files.filter(({ name }) => existsSync(join(folder, name)));
if (existing.length === files.length && process.argv.includes('--keep')) {
  process.stdout.write(`The keys in ${folder} are kept.\n`);
  if (!existsSync(join(folder, sealing.name))) write(sealing);
} else if (existing.length > 0) {
  // A half-new set would be worse than none: the public key of one pair and the private key of another.
  process.stderr.write(`Nothing was written: ${existing.map(({ name }) => join(folder, name)).join(', ')} exists already.\n`);
  process.exitCode = 1;
} else {
  for (const file of [...files, ...(existsSync(join(folder, sealing.name)) ? [] : [sealing])]) write(file);
}
