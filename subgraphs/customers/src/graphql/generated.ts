// Written by "npm run codegen" from schema/customers.graphql.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Customer as CustomerRecord } from '../domain/customer.ts';
import type { UserRow } from '../repository/users.ts';
import type { ApiKeyRow } from '../repository/api-keys.ts';
import type { InstanceRow, InstancePage } from '../repository/instances.ts';
import type { AuditRow } from '../repository/audit-log.ts';
import type { Deployment as DeploymentRecord } from '../domain/deployment.ts';
import type { DeploymentList } from '../repository/deployments.ts';
import type { CustomerList } from '../service/list-customers.ts';
import type { CredentialAnswer } from '../domain/credential-state.ts';
import type { UserViewer as UserViewerNode, InstanceViewer as InstanceViewerNode, AdminViewer as AdminViewerNode } from '../domain/viewer.ts';
import type { Context } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** RFC 3339 instant, always UTC, e.g. 2026-11-20T09:30:00.000Z. */
  DateTime: { input: Date; output: Date | string; }
  link__Import: { input: string; output: string; }
  federation__FieldSet: { input: string; output: string; }
  federation__Scope: { input: string; output: string; }
  federation__Policy: { input: string; output: string; }
  federation__ContextFieldValue: { input: string; output: string; }
  _Any: { input: Record<string, unknown>; output: Record<string, unknown>; }
};

/** Where a page stands in its list. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Whether there is more behind it. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether there is something before it. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** Of its first entry; null when it is empty. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
  /** Of its last entry, for `after`; null when it is empty. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

/** What can be read, each under the rule that says who may. */
export type Query = {
  readonly __typename?: 'Query';
  /** Who the presented credential is; null without one. */
  readonly viewer: Maybe<Viewer>;
  /** One customer. Admins see any; users and instances only their own: anything else is NOT_FOUND. */
  readonly customer: Maybe<Customer>;
  /** For the gateway only: whose credential has this SHA-256 (hex), or why it is refused. Not part of the public schema. */
  readonly credential: Credential;
  /** All customers, newest first (admin). */
  readonly customers: CustomerConnection;
  /** Deployments across the fleet, newest first (admin). */
  readonly deployments: DeploymentConnection;
  /** One deployment. Admins see any, users their own customer's: anything else is NOT_FOUND. */
  readonly deployment: Maybe<Deployment>;
  /** Job counts of every queue (admin). */
  readonly queueStats: ReadonlyArray<QueueStats>;
  /** Public. The plane itself. */
  readonly plane: Plane;
};


/** What can be read, each under the rule that says who may. */
export type QueryCustomerArgs = {
  id: Scalars['ID']['input'];
};


/** What can be read, each under the rule that says who may. */
export type QueryCredentialArgs = {
  sha256: Scalars['String']['input'];
};


/** What can be read, each under the rule that says who may. */
export type QueryCustomersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
};


/** What can be read, each under the rule that says who may. */
export type QueryDeploymentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  status?: InputMaybe<DeploymentStatus>;
};


/** What can be read, each under the rule that says who may. */
export type QueryDeploymentArgs = {
  id: Scalars['ID']['input'];
};

/** The plane itself, whoever asks. */
export type Plane = {
  readonly __typename?: 'Plane';
  /** Its time, by which everything here is dated: the system's, but where a simulated Stripe's was moved. */
  readonly now: Scalars['DateTime']['output'];
  /** Of the program that runs. */
  readonly version: Scalars['String']['output'];
};

/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Public. Creates the account, its first user, and the 14-day trial; queues the first deployment when one is asked for. */
  readonly signUp: SignUpPayload;
  /** Public. Opens a session of a user. */
  readonly logIn: LogInPayload;
  /** Ends the session that the request carries. */
  readonly logOut: Scalars['Boolean']['output'];
  /** Admin: creates a customer without a user. */
  readonly createCustomer: CreateCustomerPayload;
  /** Changes what is named; what is absent stays. Its users, or the operator. */
  readonly updateCustomer: UpdateCustomerPayload;
  /** Ends the subscription, revokes the license and every API key. Nothing is deleted. */
  readonly deactivateCustomer: DeactivateCustomerPayload;
  /** The secret is in this answer and nowhere else. */
  readonly createApiKey: CreateApiKeyPayload;
  /** Ends an API key at once. Revoked again, it answers the same. */
  readonly revokeApiKey: RevokeApiKeyPayload;
  /** Registers an instance before it is first heard of and, with deploy, queues its Helm release; also of one that was removed. */
  readonly createInstance: CreateInstancePayload;
  /** Queues the removal of what was deployed, with its API key. Volumes that its chart keeps stay in their namespace; the instance stays listed. Asked again, it answers the same. */
  readonly removeInstance: RemoveInstancePayload;
  /** Queues a failed deployment, or a failed removal, once more. One that is queued already answers the same. */
  readonly retryDeployment: RetryDeploymentPayload;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationSignUpArgs = {
  input: SignUpInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationLogInArgs = {
  input: LogInInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationCreateCustomerArgs = {
  input: CreateCustomerInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationUpdateCustomerArgs = {
  input: UpdateCustomerInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationDeactivateCustomerArgs = {
  input: DeactivateCustomerInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationCreateApiKeyArgs = {
  input: CreateApiKeyInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationRevokeApiKeyArgs = {
  input: RevokeApiKeyInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationCreateInstanceArgs = {
  input: CreateInstanceInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationRemoveInstanceArgs = {
  input: RemoveInstanceInput;
};


/** What can be changed. Whoever may not is told so, and each change by an operator, user or instance is kept in the audit log. */
export type MutationRetryDeploymentArgs = {
  input: RetryDeploymentInput;
};

/** What is pushed, over WebSocket or as server-sent events. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** Every status and progress change of one customer's deployments. */
  readonly deploymentProgressed: Deployment;
};


/** What is pushed, over WebSocket or as server-sent events. */
export type SubscriptionDeploymentProgressedArgs = {
  customerId: Scalars['ID']['input'];
};

/** What the gateway learns of an API key or session token. Not part of the public schema. */
export type Credential = {
  readonly __typename?: 'Credential';
  readonly state: CredentialState;
  readonly kind: Maybe<CredentialKind>;
  readonly id: Maybe<Scalars['ID']['output']>;
  readonly customerId: Maybe<Scalars['ID']['output']>;
  readonly userId: Maybe<Scalars['ID']['output']>;
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
};

export type CredentialState =
  | 'ACTIVE'
  | 'REVOKED'
  | 'EXPIRED'
  | 'DEACTIVATED'
  | 'UNKNOWN';

export type CredentialKind =
  | 'API_KEY'
  | 'SESSION';

/** Who is asking. */
export type Viewer = AdminViewer | UserViewer | InstanceViewer;

/** The operator. */
export type AdminViewer = {
  readonly __typename?: 'AdminViewer';
  /** As the audit log calls it. */
  readonly name: Scalars['String']['output'];
};

/** Somebody who is logged in. */
export type UserViewer = {
  readonly __typename?: 'UserViewer';
  /** Who. */
  readonly user: User;
  /** The account that it belongs to. */
  readonly customer: Customer;
};

/** An instance agent, by its API key or its license. */
export type InstanceViewer = {
  readonly __typename?: 'InstanceViewer';
  /** Whose instance. */
  readonly customer: Customer;
};

/** An account: who buys, is licensed, reports and is billed. What another part of the graph knows of it is null, with an error, while that part does not answer. */
export type Customer = {
  readonly __typename?: 'Customer';
  /** cust_ and 24 characters of base 32. */
  readonly id: Scalars['ID']['output'];
  /** Where mails go; unique among customers. */
  readonly email: Scalars['String']['output'];
  /** As it stands on invoices and in the license. */
  readonly companyName: Maybe<Scalars['String']['output']>;
  /** Of whoever signed up. */
  readonly fullName: Maybe<Scalars['String']['output']>;
  /** Whether it may do anything at all. */
  readonly status: CustomerStatus;
  /** When it signed up, or was entered. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** When its own data changed last. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Who may log in to it. */
  readonly users: ReadonlyArray<User>;
  /** Those of its instances: in force first, then revoked ones, newest first. */
  readonly apiKeys: ReadonlyArray<ApiKey>;
  /** Its installations, by name. */
  readonly instances: InstanceConnection;
  /** Newest first. */
  readonly deployments: DeploymentConnection;
  /** Who did what to this account, newest first. */
  readonly auditLog: AuditEntryConnection;
};


/** An account: who buys, is licensed, reports and is billed. What another part of the graph knows of it is null, with an error, while that part does not answer. */
export type CustomerInstancesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/** An account: who buys, is licensed, reports and is billed. What another part of the graph knows of it is null, with an error, while that part does not answer. */
export type CustomerDeploymentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  status?: InputMaybe<DeploymentStatus>;
};


/** An account: who buys, is licensed, reports and is billed. What another part of the graph knows of it is null, with an error, while that part does not answer. */
export type CustomerAuditLogArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** Whether an account is in use. */
export type CustomerStatus =
  /** It is. */
  | 'ACTIVE'
  /** Its subscription has ended, its license and keys are revoked; nothing was deleted. */
  | 'DEACTIVATED';

/** A page of customers. */
export type CustomerConnection = {
  readonly __typename?: 'CustomerConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<CustomerEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
  /** Of all pages together. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An entry of a page. */
export type CustomerEdge = {
  readonly __typename?: 'CustomerEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: Customer;
};

/** A person who may log in. */
export type User = {
  readonly __typename?: 'User';
  /** user_ and 24 characters of base 32. */
  readonly id: Scalars['ID']['output'];
  /** What it logs in with. */
  readonly email: Scalars['String']['output'];
  /** Its name, if it gave one. */
  readonly fullName: Maybe<Scalars['String']['output']>;
  /** When it was made. */
  readonly createdAt: Scalars['DateTime']['output'];
};

/** A log-in that lasts. */
export type Session = {
  readonly __typename?: 'Session';
  /** To be sent as `Authorization: Bearer …`; it begins with iots_. */
  readonly token: Scalars['String']['output'];
  /** From then on one has to log in again. */
  readonly expiresAt: Scalars['DateTime']['output'];
};

/** What an instance shows who it is with. The secret itself is kept nowhere. */
export type ApiKey = {
  readonly __typename?: 'ApiKey';
  /** akey_ and 24 characters of base 32. */
  readonly id: Scalars['ID']['output'];
  /** As whoever made it called it. */
  readonly name: Scalars['String']['output'];
  /** The readable beginning of the secret, to recognise it by. */
  readonly prefix: Scalars['String']['output'];
  /** When it was made. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** When it was seen last, to a minute or so; null when it never was. */
  readonly lastUsedAt: Maybe<Scalars['DateTime']['output']>;
  /** Since when it is refused; null while it is in force. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
};

/** One installation of the product in a customer's own cluster. What another part of the graph knows of it is null, with an error, while that part does not answer. */
export type Instance = {
  readonly __typename?: 'Instance';
  /** inst_ and 24 characters of base 32. */
  readonly id: Scalars['ID']['output'];
  /** Unique within the customer, e.g. us-east-1-prod: what the agent calls itself. */
  readonly name: Scalars['String']['output'];
  /** Whose it is. */
  readonly customer: Customer;
  /** When it was first heard of, or registered. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** Its newest; null for one that was not deployed from here. */
  readonly deployment: Maybe<Deployment>;
};

/** A page of instances. */
export type InstanceConnection = {
  readonly __typename?: 'InstanceConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<InstanceEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
  /** Of all pages together. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An entry of a page. */
export type InstanceEdge = {
  readonly __typename?: 'InstanceEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: Instance;
};

/** One instance's release in its cluster, from its queueing to its removal. */
export type Deployment = {
  readonly __typename?: 'Deployment';
  /** depl_ and 24 characters of base 32. */
  readonly id: Scalars['ID']['output'];
  /** What is deployed. */
  readonly instance: Instance;
  /** Whose. */
  readonly customer: Customer;
  /** How it stands. */
  readonly status: DeploymentStatus;
  /** What was asked for last. */
  readonly operation: DeploymentOperation;
  /** 0 to 100. */
  readonly progress: Scalars['Int']['output'];
  /** The step it is at, or was at when it ended; null before its first. docs/architecture.md lists them. */
  readonly step: Maybe<Scalars['String']['output']>;
  /** The namespace of the cluster that it has for itself. */
  readonly namespace: Scalars['String']['output'];
  /** Where the instance answers; null until it does. */
  readonly url: Maybe<Scalars['String']['output']>;
  /** Begun since it was last asked for. Of three that fail, the last is final; a worker that dies does not count. */
  readonly attempts: Scalars['Int']['output'];
  /** What went wrong last, in a sentence; null once it went well. */
  readonly error: Maybe<Scalars['String']['output']>;
  /** The word for it that a program switches on, e.g. HELM_FAILED; docs/errors.md lists them. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** The last 500 lines, oldest first. */
  readonly log: ReadonlyArray<Scalars['String']['output']>;
  /** When it was asked for first. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** When its first attempt began, since it was last asked for. */
  readonly startedAt: Maybe<Scalars['DateTime']['output']>;
  /** When it went well, or failed for good; null until then. */
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
};

/** How a deployment stands. */
export type DeploymentStatus =
  /** Waits for a worker, or for its next attempt. */
  | 'QUEUED'
  /** A worker is at it. */
  | 'RUNNING'
  /** It stands, and answered. */
  | 'SUCCEEDED'
  /** No attempt is left; retryDeployment begins anew. */
  | 'FAILED'
  /** What was deployed is gone. */
  | 'REMOVED';

/** What was asked for. */
export type DeploymentOperation =
  /** To install it, or to bring it up to date. */
  | 'DEPLOY'
  /** To take it away, with its data. */
  | 'REMOVE';

/** A page of deployments. */
export type DeploymentConnection = {
  readonly __typename?: 'DeploymentConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<DeploymentEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
  /** Of all pages together. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An entry of a page. */
export type DeploymentEdge = {
  readonly __typename?: 'DeploymentEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: Deployment;
};

/** How many jobs of a queue are in each state. */
export type QueueStats = {
  readonly __typename?: 'QueueStats';
  /** As the board of queues names it. */
  readonly name: Scalars['String']['output'];
  /** Ready for a worker. */
  readonly waiting: Scalars['Int']['output'];
  /** Being worked at. */
  readonly active: Scalars['Int']['output'];
  /** Done, of those that are still kept. */
  readonly completed: Scalars['Int']['output'];
  /** Given up after their last attempt, of those that are still kept. */
  readonly failed: Scalars['Int']['output'];
  /** Wait for their time: a pause after a failure, or a schedule. */
  readonly delayed: Scalars['Int']['output'];
};

/** Who did what, when. */
export type AuditEntry = {
  readonly __typename?: 'AuditEntry';
  /** Unique within the audit log. */
  readonly id: Scalars['ID']['output'];
  /** When. */
  readonly at: Scalars['DateTime']['output'];
  /** admin:name, user:id, instance:id, or the part of the plane that did it by itself. */
  readonly actor: Scalars['String']['output'];
  /** The mutation's name, or what happened by itself. */
  readonly action: Scalars['String']['output'];
  /** What was changed, in a few words. */
  readonly detail: Maybe<Scalars['String']['output']>;
};

/** A page of audit entries. */
export type AuditEntryConnection = {
  readonly __typename?: 'AuditEntryConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<AuditEntryEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type AuditEntryEdge = {
  readonly __typename?: 'AuditEntryEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: AuditEntry;
};

/** What `signUp` is told. */
export type SignUpInput = {
  /** Unique among all accounts. */
  readonly email: Scalars['String']['input'];
  /** 8 to 256 characters. */
  readonly password: Scalars['String']['input'];
  /** As it will stand on invoices and in the license. */
  readonly companyName?: InputMaybe<Scalars['String']['input']>;
  /** Of whoever signs up. */
  readonly fullName?: InputMaybe<Scalars['String']['input']>;
  /** The name of an instance to deploy at once: a DNS label of at most 45 characters. */
  readonly deployInstance?: InputMaybe<Scalars['String']['input']>;
};

/** What `signUp` answers. */
export type SignUpPayload = {
  readonly __typename?: 'SignUpPayload';
  /** The account. */
  readonly customer: Customer;
  /** Logged in already. */
  readonly session: Session;
  /** Keep it on this device and send it with each `logIn`. It does not let anyone in by itself. */
  readonly deviceToken: Scalars['String']['output'];
};

/** What `logIn` is told. */
export type LogInInput = {
  /** The user's. */
  readonly email: Scalars['String']['input'];
  /** The user's. After ten failures in a quarter of an hour this device or address has to wait. */
  readonly password: Scalars['String']['input'];
  /** The `deviceToken` of an earlier log-in on this device: failures of strangers never close the account to it. */
  readonly deviceToken?: InputMaybe<Scalars['String']['input']>;
};

/** What `logIn` answers. */
export type LogInPayload = {
  readonly __typename?: 'LogInPayload';
  /** The account. */
  readonly customer: Customer;
  /** Logged in already. */
  readonly session: Session;
  /** Keep it on this device and send it with each `logIn`. It does not let anyone in by itself. */
  readonly deviceToken: Scalars['String']['output'];
};

/** What `createCustomer` is told. */
export type CreateCustomerInput = {
  /** Unique among all accounts. */
  readonly email: Scalars['String']['input'];
  /** As it will stand on invoices and in the license. */
  readonly companyName?: InputMaybe<Scalars['String']['input']>;
  /** Whom to ask for. */
  readonly fullName?: InputMaybe<Scalars['String']['input']>;
};

/** What `createCustomer` answers. */
export type CreateCustomerPayload = {
  readonly __typename?: 'CreateCustomerPayload';
  /** As it stands afterwards. */
  readonly customer: Customer;
};

/** What `updateCustomer` is told. */
export type UpdateCustomerInput = {
  /** Which customer. */
  readonly id: Scalars['ID']['input'];
  /** Its new address; Stripe's customer and the mails follow. */
  readonly email?: InputMaybe<Scalars['String']['input']>;
  /** Its new name; the next license bears it. */
  readonly companyName?: InputMaybe<Scalars['String']['input']>;
  /** Whom to ask for. */
  readonly fullName?: InputMaybe<Scalars['String']['input']>;
};

/** What `updateCustomer` answers. */
export type UpdateCustomerPayload = {
  readonly __typename?: 'UpdateCustomerPayload';
  /** As it stands afterwards. */
  readonly customer: Customer;
};

/** What `deactivateCustomer` is told. */
export type DeactivateCustomerInput = {
  /** Which customer. */
  readonly id: Scalars['ID']['input'];
  /** Why: it is kept beside the change. */
  readonly reason: Scalars['String']['input'];
};

/** What `deactivateCustomer` answers. */
export type DeactivateCustomerPayload = {
  readonly __typename?: 'DeactivateCustomerPayload';
  /** As it stands afterwards. */
  readonly customer: Customer;
};

/** What `createApiKey` is told. */
export type CreateApiKeyInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** To recognise it by; unique among the account's keys in force. */
  readonly name: Scalars['String']['input'];
};

/** What `createApiKey` answers. */
export type CreateApiKeyPayload = {
  readonly __typename?: 'CreateApiKeyPayload';
  /** As it will be listed. */
  readonly apiKey: ApiKey;
  /** Shown this once. To be sent as `X-API-Key`. */
  readonly secret: Scalars['String']['output'];
};

/** What `revokeApiKey` is told. */
export type RevokeApiKeyInput = {
  /** Which key. */
  readonly id: Scalars['ID']['input'];
};

/** What `revokeApiKey` answers. */
export type RevokeApiKeyPayload = {
  readonly __typename?: 'RevokeApiKeyPayload';
  /** As it stands afterwards. */
  readonly apiKey: ApiKey;
};

/** What `createInstance` is told. */
export type CreateInstanceInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** With deploy a DNS label of at most 45 characters. */
  readonly name: Scalars['String']['input'];
  /** Whether its Helm release is queued too. */
  readonly deploy?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What `createInstance` answers. */
export type CreateInstancePayload = {
  readonly __typename?: 'CreateInstancePayload';
  /** As it is registered. */
  readonly instance: Instance;
};

/** What `removeInstance` is told. */
export type RemoveInstanceInput = {
  /** Which instance. */
  readonly id: Scalars['ID']['input'];
};

/** What `removeInstance` answers. */
export type RemoveInstancePayload = {
  readonly __typename?: 'RemoveInstancePayload';
  /** It stays listed; its deployment says how far the removal is. */
  readonly instance: Instance;
};

/** What `retryDeployment` is told. */
export type RetryDeploymentInput = {
  /** Which deployment. */
  readonly id: Scalars['ID']['input'];
};

/** What `retryDeployment` answers. */
export type RetryDeploymentPayload = {
  readonly __typename?: 'RetryDeploymentPayload';
  /** Queued anew. */
  readonly deployment: Deployment;
};

export type Link__Purpose =
  /** `SECURITY` features provide metadata necessary to securely resolve fields. */
  | 'SECURITY'
  /** `EXECUTION` features provide metadata necessary for operation execution. */
  | 'EXECUTION';



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Customer: Customer;
  Instance: Instance;
  Deployment: Deployment;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Customer:
    ( { __typename: 'Customer' }
    & GraphQLRecursivePick<FederationTypes['Customer'], {"id":true}> );
  Instance:
    ( { __typename: 'Instance' }
    & GraphQLRecursivePick<FederationTypes['Instance'], {"id":true}> );
  Deployment:
    ( { __typename: 'Deployment' }
    & GraphQLRecursivePick<FederationTypes['Deployment'], {"id":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  Viewer:
    | ( AdminViewerNode )
    | ( UserViewerNode )
    | ( InstanceViewerNode )
  ;
  _Entity:
    | ( CustomerRecord )
    | ( DeploymentRecord )
    | ( InstanceRow )
  ;
};


/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Plane: ResolverTypeWrapper<Plane>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Credential: ResolverTypeWrapper<CredentialAnswer>;
  CredentialState: CredentialState;
  CredentialKind: CredentialKind;
  Viewer: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['Viewer']>;
  AdminViewer: ResolverTypeWrapper<AdminViewerNode>;
  UserViewer: ResolverTypeWrapper<UserViewerNode>;
  InstanceViewer: ResolverTypeWrapper<InstanceViewerNode>;
  Customer: ResolverTypeWrapper<CustomerRecord>;
  CustomerStatus: CustomerStatus;
  CustomerConnection: ResolverTypeWrapper<CustomerList>;
  CustomerEdge: ResolverTypeWrapper<Omit<CustomerEdge, 'node'> & { node: ResolversTypes['Customer'] }>;
  User: ResolverTypeWrapper<UserRow>;
  Session: ResolverTypeWrapper<Session>;
  ApiKey: ResolverTypeWrapper<ApiKeyRow>;
  Instance: ResolverTypeWrapper<InstanceRow>;
  InstanceConnection: ResolverTypeWrapper<InstancePage>;
  InstanceEdge: ResolverTypeWrapper<Omit<InstanceEdge, 'node'> & { node: ResolversTypes['Instance'] }>;
  Deployment: ResolverTypeWrapper<DeploymentRecord>;
  DeploymentStatus: DeploymentStatus;
  DeploymentOperation: DeploymentOperation;
  DeploymentConnection: ResolverTypeWrapper<DeploymentList>;
  DeploymentEdge: ResolverTypeWrapper<Omit<DeploymentEdge, 'node'> & { node: ResolversTypes['Deployment'] }>;
  QueueStats: ResolverTypeWrapper<QueueStats>;
  AuditEntry: ResolverTypeWrapper<AuditRow>;
  AuditEntryConnection: ResolverTypeWrapper<Omit<AuditEntryConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['AuditEntryEdge']> }>;
  AuditEntryEdge: ResolverTypeWrapper<Omit<AuditEntryEdge, 'node'> & { node: ResolversTypes['AuditEntry'] }>;
  SignUpInput: SignUpInput;
  SignUpPayload: ResolverTypeWrapper<Omit<SignUpPayload, 'customer'> & { customer: ResolversTypes['Customer'] }>;
  LogInInput: LogInInput;
  LogInPayload: ResolverTypeWrapper<Omit<LogInPayload, 'customer'> & { customer: ResolversTypes['Customer'] }>;
  CreateCustomerInput: CreateCustomerInput;
  CreateCustomerPayload: ResolverTypeWrapper<Omit<CreateCustomerPayload, 'customer'> & { customer: ResolversTypes['Customer'] }>;
  UpdateCustomerInput: UpdateCustomerInput;
  UpdateCustomerPayload: ResolverTypeWrapper<Omit<UpdateCustomerPayload, 'customer'> & { customer: ResolversTypes['Customer'] }>;
  DeactivateCustomerInput: DeactivateCustomerInput;
  DeactivateCustomerPayload: ResolverTypeWrapper<Omit<DeactivateCustomerPayload, 'customer'> & { customer: ResolversTypes['Customer'] }>;
  CreateApiKeyInput: CreateApiKeyInput;
  CreateApiKeyPayload: ResolverTypeWrapper<Omit<CreateApiKeyPayload, 'apiKey'> & { apiKey: ResolversTypes['ApiKey'] }>;
  RevokeApiKeyInput: RevokeApiKeyInput;
  RevokeApiKeyPayload: ResolverTypeWrapper<Omit<RevokeApiKeyPayload, 'apiKey'> & { apiKey: ResolversTypes['ApiKey'] }>;
  CreateInstanceInput: CreateInstanceInput;
  CreateInstancePayload: ResolverTypeWrapper<Omit<CreateInstancePayload, 'instance'> & { instance: ResolversTypes['Instance'] }>;
  RemoveInstanceInput: RemoveInstanceInput;
  RemoveInstancePayload: ResolverTypeWrapper<Omit<RemoveInstancePayload, 'instance'> & { instance: ResolversTypes['Instance'] }>;
  RetryDeploymentInput: RetryDeploymentInput;
  RetryDeploymentPayload: ResolverTypeWrapper<Omit<RetryDeploymentPayload, 'deployment'> & { deployment: ResolversTypes['Deployment'] }>;
  link__Purpose: Link__Purpose;
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
  federation__FieldSet: ResolverTypeWrapper<Scalars['federation__FieldSet']['output']>;
  federation__Scope: ResolverTypeWrapper<Scalars['federation__Scope']['output']>;
  federation__Policy: ResolverTypeWrapper<Scalars['federation__Policy']['output']>;
  federation__ContextFieldValue: ResolverTypeWrapper<Scalars['federation__ContextFieldValue']['output']>;
  _Any: ResolverTypeWrapper<Scalars['_Any']['output']>;
  _Service: ResolverTypeWrapper<_Service>;
  _Entity: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['_Entity']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  Plane: Plane;
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  Credential: CredentialAnswer;
  Viewer: ResolversUnionTypes<ResolversParentTypes>['Viewer'];
  AdminViewer: AdminViewerNode;
  UserViewer: UserViewerNode;
  InstanceViewer: InstanceViewerNode;
  Customer: CustomerRecord;
  CustomerConnection: CustomerList;
  CustomerEdge: Omit<CustomerEdge, 'node'> & { node: ResolversParentTypes['Customer'] };
  User: UserRow;
  Session: Session;
  ApiKey: ApiKeyRow;
  Instance: InstanceRow;
  InstanceConnection: InstancePage;
  InstanceEdge: Omit<InstanceEdge, 'node'> & { node: ResolversParentTypes['Instance'] };
  Deployment: DeploymentRecord;
  DeploymentConnection: DeploymentList;
  DeploymentEdge: Omit<DeploymentEdge, 'node'> & { node: ResolversParentTypes['Deployment'] };
  QueueStats: QueueStats;
  AuditEntry: AuditRow;
  AuditEntryConnection: Omit<AuditEntryConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['AuditEntryEdge']> };
  AuditEntryEdge: Omit<AuditEntryEdge, 'node'> & { node: ResolversParentTypes['AuditEntry'] };
  SignUpInput: SignUpInput;
  SignUpPayload: Omit<SignUpPayload, 'customer'> & { customer: ResolversParentTypes['Customer'] };
  LogInInput: LogInInput;
  LogInPayload: Omit<LogInPayload, 'customer'> & { customer: ResolversParentTypes['Customer'] };
  CreateCustomerInput: CreateCustomerInput;
  CreateCustomerPayload: Omit<CreateCustomerPayload, 'customer'> & { customer: ResolversParentTypes['Customer'] };
  UpdateCustomerInput: UpdateCustomerInput;
  UpdateCustomerPayload: Omit<UpdateCustomerPayload, 'customer'> & { customer: ResolversParentTypes['Customer'] };
  DeactivateCustomerInput: DeactivateCustomerInput;
  DeactivateCustomerPayload: Omit<DeactivateCustomerPayload, 'customer'> & { customer: ResolversParentTypes['Customer'] };
  CreateApiKeyInput: CreateApiKeyInput;
  CreateApiKeyPayload: Omit<CreateApiKeyPayload, 'apiKey'> & { apiKey: ResolversParentTypes['ApiKey'] };
  RevokeApiKeyInput: RevokeApiKeyInput;
  RevokeApiKeyPayload: Omit<RevokeApiKeyPayload, 'apiKey'> & { apiKey: ResolversParentTypes['ApiKey'] };
  CreateInstanceInput: CreateInstanceInput;
  CreateInstancePayload: Omit<CreateInstancePayload, 'instance'> & { instance: ResolversParentTypes['Instance'] };
  RemoveInstanceInput: RemoveInstanceInput;
  RemoveInstancePayload: Omit<RemoveInstancePayload, 'instance'> & { instance: ResolversParentTypes['Instance'] };
  RetryDeploymentInput: RetryDeploymentInput;
  RetryDeploymentPayload: Omit<RetryDeploymentPayload, 'deployment'> & { deployment: ResolversParentTypes['Deployment'] };
  link__Import: Scalars['link__Import']['output'];
  federation__FieldSet: Scalars['federation__FieldSet']['output'];
  federation__Scope: Scalars['federation__Scope']['output'];
  federation__Policy: Scalars['federation__Policy']['output'];
  federation__ContextFieldValue: Scalars['federation__ContextFieldValue']['output'];
  _Any: Scalars['_Any']['output'];
  _Service: _Service;
  _Entity: ResolversUnionTypes<ResolversParentTypes>['_Entity'];
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
  Int: Scalars['Int']['output'];
};

export type LinkDirectiveArgs = {
  url?: Maybe<Scalars['String']['input']>;
  as?: Maybe<Scalars['String']['input']>;
  for?: Maybe<Link__Purpose>;
  import?: Maybe<ReadonlyArray<Maybe<Scalars['link__Import']['input']>>>;
};

export type LinkDirectiveResolver<Result, Parent, ContextType = Context, Args = LinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__RequiresDirectiveArgs = {
  fields: Scalars['federation__FieldSet']['input'];
};

export type Federation__RequiresDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__RequiresDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ProvidesDirectiveArgs = {
  fields: Scalars['federation__FieldSet']['input'];
};

export type Federation__ProvidesDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ProvidesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ExternalDirectiveArgs = {
  reason?: Maybe<Scalars['String']['input']>;
};

export type Federation__ExternalDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ExternalDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__TagDirectiveArgs = {
  name: Scalars['String']['input'];
};

export type Federation__TagDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__TagDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ExtendsDirectiveArgs = { };

export type Federation__ExtendsDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ExtendsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ShareableDirectiveArgs = { };

export type ShareableDirectiveResolver<Result, Parent, ContextType = Context, Args = ShareableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type InaccessibleDirectiveArgs = { };

export type InaccessibleDirectiveResolver<Result, Parent, ContextType = Context, Args = InaccessibleDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__OverrideDirectiveArgs = {
  from: Scalars['String']['input'];
  label?: Maybe<Scalars['String']['input']>;
};

export type Federation__OverrideDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__OverrideDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ComposeDirectiveDirectiveArgs = {
  name?: Maybe<Scalars['String']['input']>;
};

export type Federation__ComposeDirectiveDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ComposeDirectiveDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__InterfaceObjectDirectiveArgs = { };

export type Federation__InterfaceObjectDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__InterfaceObjectDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__AuthenticatedDirectiveArgs = { };

export type Federation__AuthenticatedDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__AuthenticatedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__RequiresScopesDirectiveArgs = {
  scopes: ReadonlyArray<ReadonlyArray<Scalars['federation__Scope']['input']>>;
};

export type Federation__RequiresScopesDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__RequiresScopesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__PolicyDirectiveArgs = {
  policies: ReadonlyArray<ReadonlyArray<Scalars['federation__Policy']['input']>>;
};

export type Federation__PolicyDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__PolicyDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ContextDirectiveArgs = {
  name: Scalars['String']['input'];
};

export type Federation__ContextDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ContextDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__FromContextDirectiveArgs = {
  field?: Maybe<Scalars['federation__ContextFieldValue']['input']>;
};

export type Federation__FromContextDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__FromContextDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__CostDirectiveArgs = {
  weight: Scalars['Int']['input'];
};

export type Federation__CostDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ListSizeDirectiveArgs = {
  assumedSize?: Maybe<Scalars['Int']['input']>;
  slicingArguments?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  sizedFields?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  requireOneSlicingArgument?: Maybe<Scalars['Boolean']['input']>;
};

export type Federation__ListSizeDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  viewer?: Resolver<Maybe<ResolversTypes['Viewer']>, ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType, RequireFields<QueryCustomerArgs, 'id'>>;
  credential?: Resolver<ResolversTypes['Credential'], ParentType, ContextType, RequireFields<QueryCredentialArgs, 'sha256'>>;
  customers?: Resolver<ResolversTypes['CustomerConnection'], ParentType, ContextType, RequireFields<QueryCustomersArgs, 'first'>>;
  deployments?: Resolver<ResolversTypes['DeploymentConnection'], ParentType, ContextType, RequireFields<QueryDeploymentsArgs, 'first'>>;
  deployment?: Resolver<Maybe<ResolversTypes['Deployment']>, ParentType, ContextType, RequireFields<QueryDeploymentArgs, 'id'>>;
  queueStats?: Resolver<ReadonlyArray<ResolversTypes['QueueStats']>, ParentType, ContextType>;
  plane?: Resolver<ResolversTypes['Plane'], ParentType, ContextType>;
  _entities?: Resolver<ReadonlyArray<Maybe<ResolversTypes['_Entity']>>, ParentType, ContextType, RequireFields<Query_EntitiesArgs, 'representations'>>;
  _service?: Resolver<ResolversTypes['_Service'], ParentType, ContextType>;
};

export type PlaneResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Plane'] = ResolversParentTypes['Plane']> = {
  now?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  signUp?: Resolver<ResolversTypes['SignUpPayload'], ParentType, ContextType, RequireFields<MutationSignUpArgs, 'input'>>;
  logIn?: Resolver<ResolversTypes['LogInPayload'], ParentType, ContextType, RequireFields<MutationLogInArgs, 'input'>>;
  logOut?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  createCustomer?: Resolver<ResolversTypes['CreateCustomerPayload'], ParentType, ContextType, RequireFields<MutationCreateCustomerArgs, 'input'>>;
  updateCustomer?: Resolver<ResolversTypes['UpdateCustomerPayload'], ParentType, ContextType, RequireFields<MutationUpdateCustomerArgs, 'input'>>;
  deactivateCustomer?: Resolver<ResolversTypes['DeactivateCustomerPayload'], ParentType, ContextType, RequireFields<MutationDeactivateCustomerArgs, 'input'>>;
  createApiKey?: Resolver<ResolversTypes['CreateApiKeyPayload'], ParentType, ContextType, RequireFields<MutationCreateApiKeyArgs, 'input'>>;
  revokeApiKey?: Resolver<ResolversTypes['RevokeApiKeyPayload'], ParentType, ContextType, RequireFields<MutationRevokeApiKeyArgs, 'input'>>;
  createInstance?: Resolver<ResolversTypes['CreateInstancePayload'], ParentType, ContextType, RequireFields<MutationCreateInstanceArgs, 'input'>>;
  removeInstance?: Resolver<ResolversTypes['RemoveInstancePayload'], ParentType, ContextType, RequireFields<MutationRemoveInstanceArgs, 'input'>>;
  retryDeployment?: Resolver<ResolversTypes['RetryDeploymentPayload'], ParentType, ContextType, RequireFields<MutationRetryDeploymentArgs, 'input'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  deploymentProgressed?: SubscriptionResolver<ResolversTypes['Deployment'], "deploymentProgressed", ParentType, ContextType, RequireFields<SubscriptionDeploymentProgressedArgs, 'customerId'>>;
};

export type CredentialResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Credential'] = ResolversParentTypes['Credential']> = {
  state?: Resolver<ResolversTypes['CredentialState'], ParentType, ContextType>;
  kind?: Resolver<Maybe<ResolversTypes['CredentialKind']>, ParentType, ContextType>;
  id?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  customerId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  userId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  __resolveType: TypeResolveFn<'AdminViewer' | 'UserViewer' | 'InstanceViewer', ParentType, ContextType>;
};

export type AdminViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AdminViewer'] = ResolversParentTypes['AdminViewer']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UserViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserViewer'] = ResolversParentTypes['UserViewer']> = {
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InstanceViewerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InstanceViewer'] = ResolversParentTypes['InstanceViewer']> = {
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CustomerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Customer'] = ResolversParentTypes['Customer'], FederationReferenceType extends FederationReferenceTypes['Customer'] = FederationReferenceTypes['Customer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Customer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  companyName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  fullName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CustomerStatus'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  users?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  apiKeys?: Resolver<ReadonlyArray<ResolversTypes['ApiKey']>, ParentType, ContextType>;
  instances?: Resolver<ResolversTypes['InstanceConnection'], ParentType, ContextType, RequireFields<CustomerInstancesArgs, 'first'>>;
  deployments?: Resolver<ResolversTypes['DeploymentConnection'], ParentType, ContextType, RequireFields<CustomerDeploymentsArgs, 'first'>>;
  auditLog?: Resolver<ResolversTypes['AuditEntryConnection'], ParentType, ContextType, RequireFields<CustomerAuditLogArgs, 'first'>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CustomerConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CustomerConnection'] = ResolversParentTypes['CustomerConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['CustomerEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CustomerEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CustomerEdge'] = ResolversParentTypes['CustomerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  fullName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type SessionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  token?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type ApiKeyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ApiKey'] = ResolversParentTypes['ApiKey']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  prefix?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastUsedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type InstanceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Instance'] = ResolversParentTypes['Instance'], FederationReferenceType extends FederationReferenceTypes['Instance'] = FederationReferenceTypes['Instance']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Instance']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  deployment?: Resolver<Maybe<ResolversTypes['Deployment']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InstanceConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InstanceConnection'] = ResolversParentTypes['InstanceConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['InstanceEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type InstanceEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InstanceEdge'] = ResolversParentTypes['InstanceEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Instance'], ParentType, ContextType>;
};

export type DeploymentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Deployment'] = ResolversParentTypes['Deployment'], FederationReferenceType extends FederationReferenceTypes['Deployment'] = FederationReferenceTypes['Deployment']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Deployment']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  instance?: Resolver<ResolversTypes['Instance'], ParentType, ContextType>;
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DeploymentStatus'], ParentType, ContextType>;
  operation?: Resolver<ResolversTypes['DeploymentOperation'], ParentType, ContextType>;
  progress?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  step?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  log?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type DeploymentConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeploymentConnection'] = ResolversParentTypes['DeploymentConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DeploymentEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DeploymentEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeploymentEdge'] = ResolversParentTypes['DeploymentEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Deployment'], ParentType, ContextType>;
};

export type QueueStatsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['QueueStats'] = ResolversParentTypes['QueueStats']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  waiting?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  active?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  completed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  failed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  delayed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type AuditEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEntry'] = ResolversParentTypes['AuditEntry']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  action?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  detail?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type AuditEntryConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEntryConnection'] = ResolversParentTypes['AuditEntryConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['AuditEntryEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type AuditEntryEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AuditEntryEdge'] = ResolversParentTypes['AuditEntryEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['AuditEntry'], ParentType, ContextType>;
};

export type SignUpPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SignUpPayload'] = ResolversParentTypes['SignUpPayload']> = {
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  session?: Resolver<ResolversTypes['Session'], ParentType, ContextType>;
  deviceToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type LogInPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LogInPayload'] = ResolversParentTypes['LogInPayload']> = {
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
  session?: Resolver<ResolversTypes['Session'], ParentType, ContextType>;
  deviceToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type CreateCustomerPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateCustomerPayload'] = ResolversParentTypes['CreateCustomerPayload']> = {
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
};

export type UpdateCustomerPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateCustomerPayload'] = ResolversParentTypes['UpdateCustomerPayload']> = {
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
};

export type DeactivateCustomerPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeactivateCustomerPayload'] = ResolversParentTypes['DeactivateCustomerPayload']> = {
  customer?: Resolver<ResolversTypes['Customer'], ParentType, ContextType>;
};

export type CreateApiKeyPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateApiKeyPayload'] = ResolversParentTypes['CreateApiKeyPayload']> = {
  apiKey?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType>;
  secret?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RevokeApiKeyPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RevokeApiKeyPayload'] = ResolversParentTypes['RevokeApiKeyPayload']> = {
  apiKey?: Resolver<ResolversTypes['ApiKey'], ParentType, ContextType>;
};

export type CreateInstancePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateInstancePayload'] = ResolversParentTypes['CreateInstancePayload']> = {
  instance?: Resolver<ResolversTypes['Instance'], ParentType, ContextType>;
};

export type RemoveInstancePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RemoveInstancePayload'] = ResolversParentTypes['RemoveInstancePayload']> = {
  instance?: Resolver<ResolversTypes['Instance'], ParentType, ContextType>;
};

export type RetryDeploymentPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RetryDeploymentPayload'] = ResolversParentTypes['RetryDeploymentPayload']> = {
  deployment?: Resolver<ResolversTypes['Deployment'], ParentType, ContextType>;
};

export interface Link__ImportScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['link__Import'], any> {
  name: 'link__Import';
}

export interface Federation__FieldSetScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__FieldSet'], any> {
  name: 'federation__FieldSet';
}

export interface Federation__ScopeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__Scope'], any> {
  name: 'federation__Scope';
}

export interface Federation__PolicyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__Policy'], any> {
  name: 'federation__Policy';
}

export interface Federation__ContextFieldValueScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__ContextFieldValue'], any> {
  name: 'federation__ContextFieldValue';
}

export interface _AnyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['_Any'], any> {
  name: '_Any';
}

export type _ServiceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['_Service'] = ResolversParentTypes['_Service']> = {
  sdl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type _EntityResolvers<ContextType = Context, ParentType extends ResolversParentTypes['_Entity'] = ResolversParentTypes['_Entity']> = {
  __resolveType: TypeResolveFn<'Customer' | 'Deployment' | 'Instance', ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Plane?: PlaneResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Credential?: CredentialResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
  AdminViewer?: AdminViewerResolvers<ContextType>;
  UserViewer?: UserViewerResolvers<ContextType>;
  InstanceViewer?: InstanceViewerResolvers<ContextType>;
  Customer?: CustomerResolvers<ContextType>;
  CustomerConnection?: CustomerConnectionResolvers<ContextType>;
  CustomerEdge?: CustomerEdgeResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  ApiKey?: ApiKeyResolvers<ContextType>;
  Instance?: InstanceResolvers<ContextType>;
  InstanceConnection?: InstanceConnectionResolvers<ContextType>;
  InstanceEdge?: InstanceEdgeResolvers<ContextType>;
  Deployment?: DeploymentResolvers<ContextType>;
  DeploymentConnection?: DeploymentConnectionResolvers<ContextType>;
  DeploymentEdge?: DeploymentEdgeResolvers<ContextType>;
  QueueStats?: QueueStatsResolvers<ContextType>;
  AuditEntry?: AuditEntryResolvers<ContextType>;
  AuditEntryConnection?: AuditEntryConnectionResolvers<ContextType>;
  AuditEntryEdge?: AuditEntryEdgeResolvers<ContextType>;
  SignUpPayload?: SignUpPayloadResolvers<ContextType>;
  LogInPayload?: LogInPayloadResolvers<ContextType>;
  CreateCustomerPayload?: CreateCustomerPayloadResolvers<ContextType>;
  UpdateCustomerPayload?: UpdateCustomerPayloadResolvers<ContextType>;
  DeactivateCustomerPayload?: DeactivateCustomerPayloadResolvers<ContextType>;
  CreateApiKeyPayload?: CreateApiKeyPayloadResolvers<ContextType>;
  RevokeApiKeyPayload?: RevokeApiKeyPayloadResolvers<ContextType>;
  CreateInstancePayload?: CreateInstancePayloadResolvers<ContextType>;
  RemoveInstancePayload?: RemoveInstancePayloadResolvers<ContextType>;
  RetryDeploymentPayload?: RetryDeploymentPayloadResolvers<ContextType>;
  link__Import?: GraphQLScalarType;
  federation__FieldSet?: GraphQLScalarType;
  federation__Scope?: GraphQLScalarType;
  federation__Policy?: GraphQLScalarType;
  federation__ContextFieldValue?: GraphQLScalarType;
  _Any?: GraphQLScalarType;
  _Service?: _ServiceResolvers<ContextType>;
  _Entity?: _EntityResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
  federation__requires?: Federation__RequiresDirectiveResolver<any, any, ContextType>;
  federation__provides?: Federation__ProvidesDirectiveResolver<any, any, ContextType>;
  federation__external?: Federation__ExternalDirectiveResolver<any, any, ContextType>;
  federation__tag?: Federation__TagDirectiveResolver<any, any, ContextType>;
  federation__extends?: Federation__ExtendsDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
  inaccessible?: InaccessibleDirectiveResolver<any, any, ContextType>;
  federation__override?: Federation__OverrideDirectiveResolver<any, any, ContextType>;
  federation__composeDirective?: Federation__ComposeDirectiveDirectiveResolver<any, any, ContextType>;
  federation__interfaceObject?: Federation__InterfaceObjectDirectiveResolver<any, any, ContextType>;
  federation__authenticated?: Federation__AuthenticatedDirectiveResolver<any, any, ContextType>;
  federation__requiresScopes?: Federation__RequiresScopesDirectiveResolver<any, any, ContextType>;
  federation__policy?: Federation__PolicyDirectiveResolver<any, any, ContextType>;
  federation__context?: Federation__ContextDirectiveResolver<any, any, ContextType>;
  federation__fromContext?: Federation__FromContextDirectiveResolver<any, any, ContextType>;
  federation__cost?: Federation__CostDirectiveResolver<any, any, ContextType>;
  federation__listSize?: Federation__ListSizeDirectiveResolver<any, any, ContextType>;
};
export type _Service = { sdl?: Maybe<string> };
export type Query_EntitiesArgs = { representations: ReadonlyArray<Record<string, unknown>> };
