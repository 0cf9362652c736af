import { type AccessTable, adminOnly, anyone, gatewayOnly, inherit, members, people, tenant, userOnly } from '@iotistic/chassis/access';
import type { Customer } from '../domain/customer.ts';
import type { Deployment } from '../domain/deployment.ts';

/** What an instance too may know of its account. */
const ownCustomer = tenant((customer: Customer) => customer.id);

type OfCustomer = { input: { customerId: string } };

export const access: AccessTable = {
  'Query.viewer': anyone,
  'Query.customer': tenant((_source, args: { id: string }) => args.id),
  'Query.customers': adminOnly,
  'Query.credential': gatewayOnly,
  'Query.queueStats': adminOnly,

  'Query.deployments': adminOnly,
  'Query.deployment': people,

  'Mutation.signUp': anyone,
  'Mutation.logIn': anyone,
  'Mutation.logOut': userOnly,
  'Mutation.createCustomer': adminOnly,
  'Mutation.updateCustomer': members((_source, args: { input: { id: string } }) => args.input.id),
  'Mutation.deactivateCustomer': adminOnly,
  'Mutation.createApiKey': members((_source, args: OfCustomer) => args.input.customerId),
  'Mutation.revokeApiKey': people,
  'Mutation.createInstance': members((_source, args: OfCustomer) => args.input.customerId),

  'Mutation.removeInstance': people,
  'Mutation.retryDeployment': people,

  'Subscription.deploymentProgressed': members((_source, args: { customerId: string }) => args.customerId),

  'Customer.id': ownCustomer,
  'Customer.companyName': ownCustomer,
  'Customer.status': ownCustomer,
  'Customer.createdAt': ownCustomer,
  'Customer.instances': ownCustomer,
  Customer: members((customer: Customer) => customer.id),

  // Its log and its faults are for people.
  Deployment: members((deployment: Deployment) => deployment.customerId),

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
  RemoveInstancePayload: inherit,
  RetryDeploymentPayload: inherit,
  DeploymentConnection: inherit,
  DeploymentEdge: inherit,
  CustomerConnection: inherit,
  CustomerEdge: inherit,
  InstanceConnection: inherit,
  InstanceEdge: inherit,
  AuditEntryConnection: inherit,
  AuditEntryEdge: inherit,
  PageInfo: inherit,
};
