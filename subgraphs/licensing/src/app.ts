import type { Platform } from '@iotistic/chassis/platform';
import { type BaseApp, type RunningSubgraph, startSubgraph } from '@iotistic/chassis/subgraph';
import { loadPrivateKey } from './clients/private-key.ts';
import { createSigner, type Signer } from './clients/signer.ts';
import type { LicensingConfig } from './config.ts';
import { access } from './graphql/access.ts';
import { createLoaders, type Loaders } from './graphql/loaders.ts';
import { createResolvers } from './graphql/resolvers.ts';
import { events, schedule } from './jobs/index.ts';
import { migrations } from './repository/migrations.ts';
import type { LicensingTables } from './repository/tables.ts';
import { createSightingRecorder, type SightingRecorder } from './service/record-sighting.ts';
import { registerSigningKey } from './service/register-signing-key.ts';
import { createRevocationList, type RevocationList } from './service/revocation-list.ts';
import { createVerificationKeys, type VerificationKeys } from './service/verification-keys.ts';

export type LicensingApp = BaseApp<LicensingTables> & {
  config: LicensingConfig;
  signer: Signer;
  verificationKeys: VerificationKeys;
  revocationList: RevocationList;
  sightings: SightingRecorder;
  loaders: Loaders;
};

export function startLicensing(config: LicensingConfig, platform: Platform): Promise<RunningSubgraph> {
  return startSubgraph<'licensing', LicensingTables, LicensingApp>(
    {
      name: 'licensing',
      typeDefs: new URL('../../../schema/licensing.graphql', import.meta.url),
      migrations,
      build: (base) => buildApp(config, base),
      resolvers: createResolvers,
      access,
      events,
      schedule,
    },
    platform,
  );
}

async function buildApp(config: LicensingConfig, base: BaseApp<LicensingTables>): Promise<LicensingApp> {
  const { privateKey, given } = await loadPrivateKey(config);
  const signing = { ...base, signer: await createSigner(privateKey) };
  await registerSigningKey(signing, given);
  const verificationKeys = createVerificationKeys(base);
  await verificationKeys.refresh();
  return {
    ...signing,
    config,
    verificationKeys,
    revocationList: createRevocationList(signing),
    sightings: createSightingRecorder(base),
    loaders: createLoaders(base.db),
  };
}
