/** Writes docs/license-vectors.json: signed anew with fresh keys at every run, in the same order, with the same expectations. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimVectors } from './license-vector-claims.ts';
import { keyAnnouncementVectors, revocationListVectors, signedTimeVectors } from './license-vector-documents.ts';
import { formVectors } from './license-vector-forms.ts';
import { makeVectorKeys, type VectorKey } from './license-vector-kit.ts';
import { signatureVectors } from './license-vector-signatures.ts';
import { timeVectors } from './license-vector-times.ts';

const DESCRIPTION = [
  'Texts and what a reader of licenses has to answer. docs/license-format.md says what the fields mean.',
  'The keys were made for this file; their private halves do not exist any more.',
];

const keys = makeVectorKeys();
const { current, other, large, weak, nearly, cubic, elliptic } = keys;
const published: [name: string, key: VectorKey][] = [['current', current], ['other', other], ['large', large], ['1,024 bits', weak], ['2,047 bits', nearly], ['exponent 3', cubic], ['P-256', elliptic]];

const file = {
  description: DESCRIPTION,
  keys: published.map(([name, { jwk }]) => ({ name, ...jwk })),
  vectors: [...formVectors(keys), ...signatureVectors(keys), ...claimVectors(current), ...timeVectors(keys)],
  revocationLists: revocationListVectors(keys),
  keyAnnouncements: keyAnnouncementVectors(keys),
  signedTimes: signedTimeVectors(keys),
};

writeFileSync(join(import.meta.dirname, '../../../docs/license-vectors.json'), `${JSON.stringify(file, null, 1)}\n`);
process.stdout.write(`${file.vectors.length} licenses, ${file.revocationLists.length} revocation lists, ${file.keyAnnouncements.length} key announcements, ${file.signedTimes.length} times\n`);
