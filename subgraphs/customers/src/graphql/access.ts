import { type AccessTable, adminOnly, anyone, gatewayOnly, type Guard, inherit, members, tenant, userOnly } from '@iotistic/chassis/access';
import { AppError } from '@iotistic/contracts/errors';
import type { Customer } from '../domain/customer.ts';

/** What an instance too may know of its account. */
const ownCustomer = tenant((customer: Customer) => customer.id);

/** People, whose use case then looks whether the object is theirs: only it knows whose it is. */
const people: Guard = {
  name: 'people',
  check(caller) {
    if (caller.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
    if (caller.kind === 'instance') throw new AppError('FORBIDDEN', 'NOT_FOR_INSTANCES');
  },
};

type OfCustomer = { input: { customerId: string } };

export const access: AccessTable = {
  'Query.viewer': anyone,
  'Query.customer': tenant((_source, args: { id: string }) => args.id),
  'Query.customers': adminOnly,
  'Query.credential': gatewayOnly,
  'Query.queueStats': adminOnly,

  'Mutation.signUp': anyone,
  'Mutation.logIn': anyone,
  'Mutation.logOut': userOnly,
  'Mutation.createCustomer': adminOnly,
  'Mutation.updateCustomer': members((_source, args: { input: { id: string } }) => args.input.id),
  'Mutation.deactivateCustomer': adminOnly,
  'Mutation.createApiKey': members((_source, args: OfCustomer) => args.input.customerId),
  'Mutation.revokeApiKey': people,
  'Mutation.createInstance': members((_source, args: OfCustomer) => args.input.customerId),

  'Customer.id': ownCustomer,
  'Customer.companyName': ownCustomer,
  'Customer.status': ownCustomer,
  'Customer.createdAt': ownCustomer,
  'Customer.instances': ownCustomer,
  Customer: members((customer: Customer) => customer.id),

  // Reached through a customer's fields or a mutation; an Instance also through its reference resolver, which checks.
  Instance: inherit,
  User: inherit,
  ApiKey: inherit,
  AuditEntry: inherit,
  QueueStats: inherit,
  Credential: inherit,
  Session: inherit,
  AdminViewer: inherit,
  UserViewer: inherit,
  InstanceViewer: inherit,
  SignUpPayload: inherit,
  LogInPayload: inherit,
  CreateCustomerPayload: inherit,
  UpdateCustomerPayload: inherit,
  DeactivateCustomerPayload: inherit,
  CreateApiKeyPayload: inherit,
  RevokeApiKeyPayload: inherit,
  CreateInstancePayload: inherit,
  CustomerConnection: inherit,
  CustomerEdge: inherit,
  InstanceConnection: inherit,
  InstanceEdge: inherit,
  AuditEntryConnection: inherit,
  AuditEntryEdge: inherit,
  PageInfo: inherit,
};
