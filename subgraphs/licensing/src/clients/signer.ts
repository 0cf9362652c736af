import { createPublicKey, type KeyObject } from 'node:crypto';
import { LICENSE_ALGORITHM } from '@iotistic/contracts/license';
import { calculateJwkThumbprint, CompactSign, exportJWK } from 'jose';

/** The one owner of the private key. */
export interface Signer {
  /** RFC 7638 thumbprint of the public key: whoever has the key agrees on its id. */
  readonly keyId: string;
  readonly publicKeyPem: string;
  /** A compact JWS with exactly alg, typ and kid in its header. Signed outside the event loop; the same payload gives the same text. */
  sign(type: string, payload: object): Promise<string>;
}

export async function createSigner(privateKey: KeyObject): Promise<Signer> {
  const publicKey = createPublicKey(privateKey);
  const keyId = await calculateJwkThumbprint(await exportJWK(publicKey));
  return {
    keyId,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (type, payload) => new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({ alg: LICENSE_ALGORITHM, typ: type, kid: keyId }).sign(privateKey),
  };
}
