import { type AccessTable, adminOnly, anyone, checkTenant, gatewayOnly, type Guard, inherit, members, tenant, userOnly } from '@iotistic/chassis/access';
import { AppError } from '@iotistic/contracts/errors';
import type { CustomerNode } from './customer-node.ts';

/** The customer's own and admins, and who has just entered by password. */
const ownCustomer: Guard = {
  name: 'ownCustomer',
  check(caller, customer: CustomerNode) {
    if (customer.enteredJustNow !== true) checkTenant(caller, customer.id);
  },
};

const membersOfCustomer: Guard = {
  name: 'membersOfCustomer',
  check(caller, customer: CustomerNode, args) {
    if (customer.enteredJustNow !== true) members((source: CustomerNode) => source.id).check?.(caller, customer as never, args);
  },
};

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

  'Mutation.signUp': anyone,
  'Mutation.logIn': anyone,
  'Mutation.logOut': userOnly,
  'Mutation.createCustomer': adminOnly,
  'Mutation.updateCustomer': members((_source, args: { input: { id: string } }) => args.input.id),
  'Mutation.deactivateCustomer': adminOnly,
  'Mutation.createApiKey': members((_source, args: OfCustomer) => args.input.customerId),
  'Mutation.revokeApiKey': people,
  'Mutation.createInstance': members((_source, args: OfCustomer) => args.input.customerId),

  // What an instance may know of its account: who it is, and which instances it has.
  'Customer.id': ownCustomer,
  'Customer.companyName': ownCustomer,
  'Customer.status': ownCustomer,
  'Customer.createdAt': ownCustomer,
  'Customer.instances': ownCustomer,
  Customer: membersOfCustomer,

  // Reached through a customer's fields or a mutation; an Instance also through its reference resolver, which checks.
  Instance: inherit,
  User: inherit,
  ApiKey: inherit,
  AuditEntry: inherit,
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
