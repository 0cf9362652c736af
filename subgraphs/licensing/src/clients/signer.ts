import { createPublicKey, type KeyObject } from 'node:crypto';
import { keyIdOf } from '@iotistic/contracts/key-announcement';
import { LICENSE_ALGORITHM } from '@iotistic/contracts/signed-document';
import { CompactSign } from 'jose';

/** One private key, and what it can do. */
export interface Signer {
  /** RFC 7638 thumbprint of the public key: whoever has the key agrees on its id. */
  readonly keyId: string;
  readonly publicKeyPem: string;
  readonly privateKey: KeyObject;
  /** A compact JWS with exactly alg, typ and kid in its header. Signed outside the event loop; the same payload gives the same text. */
  sign(type: string, payload: object): Promise<string>;
}

export function createSigner(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey);
  const keyId = keyIdOf(publicKey);
  return {
    keyId,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey,
    sign: (type, payload) => new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({ alg: LICENSE_ALGORITHM, typ: type, kid: keyId }).sign(privateKey),
  };
}
