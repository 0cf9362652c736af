import { ConfigError } from '@iotistic/chassis/config';
import type { Db, Tx } from '@iotistic/chassis/database';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { keyIdOf } from '@iotistic/contracts/key-announcement';
import { keepKey, makeFirstKey, readFirstKey, readKey } from '../clients/private-key.ts';
import { sealPrivateKey, unsealPrivateKey } from '../clients/key-seal.ts';
import type { LicensingConfig } from '../config.ts';
import { findSealedKey, saveSealedKey } from '../repository/signing-keys.ts';
import type { LicensingTables } from '../repository/tables.ts';

/** Where private keys are kept between starts. */
export interface KeyStore {
  /** Null where it does not have it. @throws ConfigError when it has it and cannot open it. */
  load(db: Db<LicensingTables>, keyId: string): Promise<KeyObject | null>;
  /** The row of this key must be there. @throws ConfigError */
  save(tx: Tx<LicensingTables>, keyId: string, privateKey: KeyObject): Promise<void>;
  /** For a database without any key: null where none may be made here. */
  first(): Promise<KeyObject | null>;
  /** Whether it takes keys at all. */
  readonly keeps: boolean;
}

/** Sealed in the database when there is a key to seal with; else in a folder, where in production nothing is ever made. */
export function createKeyStore(config: LicensingConfig): KeyStore {
  const folder = config.LICENSE_KEYS_DIR;
  const sealing = config.LICENSE_KEY_ENCRYPTION_KEY;
  return sealing === undefined ? folderStore(folder, config.NODE_ENV === 'production') : sealedStore(sealing, folder, config.NODE_ENV === 'production');
}

function sealedStore(sealing: Buffer, folder: string, isProduction: boolean): KeyStore {
  return {
    keeps: true,
    first: () => (isProduction ? Promise.resolve(null) : makeFirstKey(folder)),
    async load(db, keyId) {
      const sealed = await findSealedKey(db, keyId);
      if (sealed === null) return firstIf(folder, keyId);
      const opened = unsealPrivateKey(keyId, sealed, sealing);
      if (opened === null) throw new ConfigError(['LICENSE_KEY_ENCRYPTION_KEY: does not open the signing keys of this database']);
      return opened;
    },
    save: (tx, keyId, privateKey) => saveSealedKey(tx, keyId, sealPrivateKey(keyId, privateKey, sealing)),
  };
}

function folderStore(folder: string, isProduction: boolean): KeyStore {
  return {
    keeps: !isProduction,
    first: () => (isProduction ? readFirstKey(folder) : makeFirstKey(folder)),
    load: async (_db, keyId) => (await readKey(folder, keyId)) ?? (await firstIf(folder, keyId)),
    async save(_tx, keyId, privateKey) {
      if ((await firstIf(folder, keyId)) === null) await keepKey(folder, keyId, privateKey);
    },
  };
}

async function firstIf(folder: string, keyId: string): Promise<KeyObject | null> {
  const first = await readFirstKey(folder);
  return first !== null && keyIdOf(createPublicKey(first)) === keyId ? first : null;
}

