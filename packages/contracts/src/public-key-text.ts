import { unwrapToken } from './wrapped-token.ts';

const BLOCK = /-----BEGIN ([A-Z ]{0,20}PUBLIC KEY)-----([^-]*)-----END \1-----/g;
const COLUMNS = /.{1,64}/g;

/**
 * The PEM blocks of the public keys in a text, as they were made: blanks and indentation mean nothing, nor do `\n` written out,
 * quotes, and `NAME=` before it. The text is PEM, or base64 of it, wrapped or not. Several may follow one another.
 */
export function publicKeyBlocks(text: string): string[] {
  return [...plainPem(text).matchAll(BLOCK)].map(([, kind = '', body = '']) => `-----BEGIN ${kind}-----\n${(body.replaceAll(/\s+/g, '').match(COLUMNS) ?? []).join('\n')}\n-----END ${kind}-----\n`);
}

/** What such a text is instead, without a word of it. */
export function publicKeyProblem(text: string): string {
  const pem = plainPem(text);
  if (pem.includes('PRIVATE KEY-----')) return 'is a private key: the public one is meant, and this one belongs to the control plane alone';
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return 'is a certificate: the public key alone is meant';
  if (pem.includes('-----BEGIN') && !pem.includes('-----END')) return 'has no END line: was it cut short?';
  return 'is not an RSA public key of 2048 bits or more, in PEM or base64 of PEM';
}

function plainPem(text: string): string {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(unwrapToken(text), 'base64').toString('utf8');
  return pem.replaceAll('\\r', '').replaceAll('\\n', '\n');
}
