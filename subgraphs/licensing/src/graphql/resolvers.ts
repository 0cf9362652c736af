import { maySee } from '@iotistic/chassis/access';
import { customerOf } from '@iotistic/contracts/caller';
import { LICENSE_ALGORITHM } from '@iotistic/contracts/signed-document';
import type { LicensingApp } from '../app.ts';
import { countByAction, countByPlan, totalOf } from '../domain/history-counts.ts';
import { expiryOf, payloadOf } from '../domain/license-payload.ts';
import { statusOf } from '../domain/license-status.ts';
import { countFleetLicenses } from '../repository/fleet-licenses.ts';
import { activationOf } from '../repository/instances.ts';
import type { LicenseRow } from '../repository/licenses.ts';
import { listReissues } from '../repository/license-reissues.ts';
import { listSigningKeyEvents, listSigningKeys } from '../repository/signing-keys.ts';
import { answerUsageFile } from '../service/answer-usage-file.ts';
import { fetchLicense } from '../service/fetch-license.ts';
import { findLicense } from '../service/find-license.ts';
import { issueAirGapLicense } from '../service/issue-air-gap-license.ts';
import { listLicenses } from '../service/list-licenses.ts';
import { listLicenseHistory } from '../service/list-license-history.ts';
import { readLicensingOverview } from '../service/read-licensing-overview.ts';
import { reinstateLicense } from '../service/reinstate-license.ts';
import { reissueLicenses } from '../service/reissue-licenses.ts';
import { readRevocationList } from '../service/revocation-list.ts';
import { revokeLicense } from '../service/revoke-license.ts';
import { rotateSigningKey } from '../service/rotate-signing-key.ts';
import { verifyLicense } from '../service/verify-license.ts';
import { watchLicense } from '../service/watch-license.ts';
import type { Resolvers } from './generated.ts';

export function createResolvers(app: LicensingApp): Resolvers {
  return {
    Query: queries(app),
    Mutation: mutations(app),
    Subscription: {
      licenseChanged: {
        subscribe: (_source, { customerId }, { live }) => watchLicense(app, customerId, live?.after),
        resolve: (license: LicenseRow) => license,
      },
    },
    License: {
      __resolveReference: async ({ id }, { caller }) => {
        const license = await app.loaders.licenses.load(id);
        return license !== null && maySee(caller, license.customerId) ? license : null;
      },
      claims: ({ token }) => payloadOf(token),
      status: (license) => statusOf(license, app.clock.now()),
      customer: ({ customerId }) => ({ id: customerId }),
    },
    LicenseConnection: {
      totalCount: ({ filter }) => countFleetLicenses(app.db, filter),
    },
    SigningKey: {
      algorithm: () => LICENSE_ALGORITHM,
    },
    LicenseReissue: {
      done: ({ total, remaining }) => Math.max(0, total - remaining),
    },
    LicenseVerification: {
      expiresAt: ({ claims }) => expiryOf(claims),
    },
    Customer: {
      __resolveReference: (customer, { caller }) => (maySee(caller, customer.id) ? customer : null),
      license: ({ id }) => findLicense(app, id),
      licenseHistory: ({ id }, page) => listLicenseHistory(app, id, page),
      activations: ({ id }) => app.loaders.activations.load(id),
      airGapLicenses: ({ id }) => app.loaders.airGapLicenses.load(id),
    },
    LicenseHistoryConnection: {
      totalCount: async ({ customerId }) => totalOf(await app.loaders.historyCounts.load(customerId)),
      byAction: async ({ customerId }) => countByAction(await app.loaders.historyCounts.load(customerId)),
      byPlan: async ({ customerId }) => countByPlan(await app.loaders.historyCounts.load(customerId)),
    },
    Instance: {
      __resolveReference: async ({ id }, { caller }) => {
        const instance = await app.loaders.instances.load(id);
        return instance !== null && maySee(caller, instance.customerId) ? instance : null;
      },
      activation: (instance) => activationOf(instance),
    },
    UsageFileAnswer: {
      __resolveReference: (imported, { caller }) => (maySee(caller, imported.customerId) ? imported : null),
      file: (imported) => answerUsageFile(app, imported),
    },
    Activation: {
      instance: (activation) => activation,
      firstSeenAt: ({ activatedAt }) => activatedAt,
    },
  };
}

function mutations(app: LicensingApp): NonNullable<Resolvers['Mutation']> {
  return {
    fetchLicense: (_source, { input }, { caller }) => fetchLicense(app, customerOf(caller) ?? '', input),
    revokeLicense: async (_source, { input }, { caller }) => ({ license: await revokeLicense(app, caller, input) }),
    reinstateLicense: async (_source, { input }, { caller }) => ({ license: await reinstateLicense(app, caller, input) }),
    rotateSigningKey: (_source, { input }, { caller }) => rotateSigningKey(app, caller, input),
    reissueLicenses: async (_source, { input }, { caller }) => ({ reissue: await reissueLicenses(app, caller, input) }),
    issueAirGapLicense: async (_source, { input }, { caller }) => ({ license: await issueAirGapLicense(app, caller, input) }),
  };
}

function queries(app: LicensingApp): NonNullable<Resolvers['Query']> {
  return {
    signingKeys: () => listSigningKeys(app.db),
    verifyLicense: (_source, { token }) => verifyLicense(app, token),
    revocationList: () => readRevocationList(app),
    licenses: (_source, args) => listLicenses(app, args),
    signingKeyEvents: () => listSigningKeyEvents(app.db),
    licenseReissues: () => listReissues(app.db),
    licensingOverview: () => readLicensingOverview(app),
  };
}
