import { type AccessTable, adminOnly, anyone, inherit, instanceOnly, members, tenant } from '@iotistic/chassis/access';
import type { InstanceRow } from '../repository/instances.ts';
import type { LicenseRow } from '../repository/licenses.ts';
import type { ImportedFile } from '../service/answer-usage-file.ts';
import type { CustomerReference } from './context.ts';

const customerId = (customer: CustomerReference): string => customer.id;

export const access: AccessTable = {
  'Query.signingKeys': anyone,
  'Query.verifyLicense': anyone,
  'Query.revocationList': anyone,
  'Query.licenses': adminOnly,
  'Query.signingKeyEvents': adminOnly,
  'Query.licenseReissues': adminOnly,
  'Query.licensingOverview': adminOnly,
  'Mutation.fetchLicense': instanceOnly,
  'Mutation.revokeLicense': adminOnly,
  'Mutation.reinstateLicense': adminOnly,
  'Mutation.rotateSigningKey': adminOnly,
  'Mutation.reissueLicenses': adminOnly,
  'Mutation.issueAirGapLicense': adminOnly,
  'Subscription.licenseChanged': tenant((_source, args: { customerId: string }) => args.customerId),
  License: tenant((license: LicenseRow) => license.customerId),
  SigningKey: anyone,
  LicenseVerification: anyone,
  LicenseCalendar: anyone,
  SigningKeyEvent: inherit,
  LicenseReissue: inherit,
  LicensingOverview: inherit,
  'Customer.id': tenant(customerId),
  'Customer.license': tenant(customerId),
  'Customer.licenseHistory': members(customerId),
  'Customer.activations': members(customerId),
  'Customer.airGapLicenses': members(customerId),
  LicenseConnection: inherit,
  LicenseEdge: inherit,
  LicenseHistoryConnection: inherit,
  LicenseHistoryEdge: inherit,
  LicenseHistoryEntry: inherit,
  ActionCount: inherit,
  PlanCount: inherit,
  PageInfo: inherit,
  Instance: tenant((instance: InstanceRow) => instance.customerId),
  Activation: tenant((activation: InstanceRow) => activation.customerId),
  InstanceHealth: inherit,
  UsageFileAnswer: tenant((imported: ImportedFile) => imported.customerId),
  FetchLicensePayload: inherit,
  RevokeLicensePayload: inherit,
  ReinstateLicensePayload: inherit,
  RotateSigningKeyPayload: inherit,
  ReissueLicensesPayload: inherit,
  IssueAirGapLicensePayload: inherit,
};
