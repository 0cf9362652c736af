import type { Platform } from '@iotistic/chassis/platform';
import { type BaseApp, type RunningSubgraph, startSubgraph } from '@iotistic/chassis/subgraph';
import { readGivenKey } from './clients/private-key.ts';
import type { LicensingConfig } from './config.ts';
import { access } from './graphql/access.ts';
import { createLoaders, type Loaders } from './graphql/loaders.ts';
import { createResolvers } from './graphql/resolvers.ts';
import { events, jobs, schedule } from './jobs/index.ts';
import { migrations } from './repository/migrations.ts';
import type { LicensingTables } from './repository/tables.ts';
import { goOnAfterRestore } from './service/go-on-after-restore.ts';
import { type CallLimits, openCallLimits } from './service/call-limits.ts';
import { createKeyStore, type KeyStore } from './service/key-store.ts';
import { createSightingRecorder, type SightingRecorder } from './service/record-sighting.ts';
import { watchLicenses } from './service/licensing-metrics.ts';
import { registerSigningKey } from './service/register-signing-key.ts';
import { createRevocationList, type RevocationList } from './service/revocation-list.ts';
import { createSigning, type Signing } from './service/signing.ts';
import { createVerificationKeys, type VerificationKeys } from './service/verification-keys.ts';

export type LicensingApp = BaseApp<LicensingTables> & {
  config: LicensingConfig;
  keyStore: KeyStore;
  signing: Signing;
  verificationKeys: VerificationKeys;
  revocationList: RevocationList;
  sightings: SightingRecorder;
  callLimits: CallLimits;
  loaders: Loaders;
  stopWatchingLicenses(): void;
};

export function startLicensing(config: LicensingConfig, platform: Platform): Promise<RunningSubgraph> {
  return startSubgraph<'licensing', LicensingTables, LicensingApp>(
    {
      name: 'licensing',
      typeDefs: new URL('../../../schema/licensing.graphql', import.meta.url),
      migrations,
      goOnAfterRestore,
      build: (base) => buildApp(config, base),
      resolvers: createResolvers,
      access,
      events,
      jobs,
      schedule,
      close: (app) => closeApp(app),
    },
    platform,
  );
}

async function buildApp(config: LicensingConfig, base: BaseApp<LicensingTables>): Promise<LicensingApp> {
  const keeping = { ...base, keyStore: createKeyStore(config) };
  const first = await registerSigningKey(keeping, await readGivenKey(config));
  const signing = { ...keeping, signing: await createSigning(keeping, first) };
  const verificationKeys = createVerificationKeys(base);
  await verificationKeys.refresh();
  return {
    ...signing,
    config,
    verificationKeys,
    revocationList: createRevocationList(signing),
    sightings: createSightingRecorder(base),
    callLimits: openCallLimits({ ...base, config }),
    loaders: createLoaders(base.db),
    stopWatchingLicenses: watchLicenses(base),
  };
}

function closeApp(app: LicensingApp): Promise<void> {
  app.stopWatchingLicenses();
  app.signing.close();
  app.verificationKeys.close();
  return Promise.resolve();
}
