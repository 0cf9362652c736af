import { type AccessTable, anyone, inherit, instanceOnly, members, tenant } from '@iotistic/chassis/access';
import type { InstanceRow } from '../repository/instances.ts';
import type { LicenseRow } from '../repository/licenses.ts';
import type { CustomerReference } from './context.ts';

const customerId = (customer: CustomerReference): string => customer.id;

export const access: AccessTable = {
  'Query.signingKeys': anyone,
  'Query.verifyLicense': anyone,
  'Mutation.fetchLicense': instanceOnly,
  'Subscription.licenseChanged': tenant((_source, args: { customerId: string }) => args.customerId),
  License: tenant((license: LicenseRow) => license.customerId),
  SigningKey: anyone,
  LicenseVerification: anyone,
  'Customer.id': tenant(customerId),
  'Customer.license': tenant(customerId),
  'Customer.licenseHistory': members(customerId),
  'Customer.activations': members(customerId),
  LicenseHistoryConnection: inherit,
  LicenseHistoryEdge: inherit,
  LicenseHistoryEntry: inherit,
  ActionCount: inherit,
  PlanCount: inherit,
  PageInfo: inherit,
  Instance: tenant((instance: InstanceRow) => instance.customerId),
  Activation: tenant((activation: InstanceRow) => activation.customerId),
  FetchLicensePayload: inherit,
};
