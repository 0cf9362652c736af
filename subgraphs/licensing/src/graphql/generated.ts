// Written by "npm run codegen" from schema/licensing.graphql.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ActivationRow, InstanceRow, InstanceHealth as Health } from '../repository/instances.ts';
import type { CustomerReference, Context } from './context.ts';
import type { FetchedLicense } from '../service/fetch-license.ts';
import type { LicenseRow } from '../repository/licenses.ts';
import type { LicensePage } from '../service/list-licenses.ts';
import type { HistoryPage } from '../service/list-license-history.ts';
import type { HistoryEntry } from '../repository/license-history.ts';
import type { LicenseReissue as ReissueRow } from '../repository/license-reissues.ts';
import type { LicenseAnswer } from '../service/verify-license.ts';
import type { Rotation } from '../service/rotate-signing-key.ts';
import type { SigningKeyRow, SigningKeyEvent as KeyEvent } from '../repository/signing-keys.ts';
import type { ImportedFile } from '../service/answer-usage-file.ts';
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
  DateTime: { input: Date; output: Date | string; }
  SafeInt: { input: number; output: number; }
  /** A JSON object. */
  JSON: { input: Record<string, unknown>; output: Record<string, unknown>; }
  link__Import: { input: string; output: string; }
  federation__FieldSet: { input: string; output: string; }
  federation__Scope: { input: string; output: string; }
  federation__Policy: { input: string; output: string; }
  federation__ContextFieldValue: { input: string; output: string; }
  _Any: { input: Record<string, unknown>; output: Record<string, unknown>; }
};

export type PageInfo = {
  readonly __typename?: 'PageInfo';
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor: Maybe<Scalars['String']['output']>;
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

export type Query = {
  readonly __typename?: 'Query';
  /** Public: the keys that licenses may be signed with, newest first; also served as JWKS. */
  readonly signingKeys: ReadonlyArray<SigningKey>;
  /** Public: checks a license as an instance would, and against the revocation list. */
  readonly verifyLicense: LicenseVerification;
  /** Public: the signed list (JWT) of revoked licenses; also at /.well-known/revocations.jwt. */
  readonly revocationList: Scalars['String']['output'];
  /** Admin: the licenses of all customers, those that end first at first; without a status all that were not replaced. */
  readonly licenses: LicenseConnection;
  /** Admin: what happened to the signing keys, newest first. */
  readonly signingKeyEvents: ReadonlyArray<SigningKeyEvent>;
  /** Admin: batches that issued every license anew, newest first. */
  readonly licenseReissues: ReadonlyArray<LicenseReissue>;
  /** Admin: what runs out soon. */
  readonly licensingOverview: LicensingOverview;
};


export type QueryVerifyLicenseArgs = {
  token: Scalars['String']['input'];
};


export type QueryLicensesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  status?: InputMaybe<LicenseStatus>;
  expiringWithinDays?: InputMaybe<Scalars['Int']['input']>;
};

/** What runs out soon. Customers without a subscription that goes on are not counted as late: their license is meant to end. */
export type LicensingOverview = {
  readonly __typename?: 'LicensingOverview';
  /** Licenses in force that end within seven days and that nothing will renew: a trial or a canceled period ends with them. */
  readonly endingSoon: Scalars['Int']['output'];
  /** Renewals that were due more than 15 minutes ago. */
  readonly renewalsLate: Scalars['Int']['output'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** For instance agents (API key or current license). The license in force, the revocation list and when to come back; records the activation. */
  readonly fetchLicense: FetchLicensePayload;
  /** Admin: takes the customer's licenses back, all that count; no new one is issued until it is reinstated. Instances fall onto the degradation calendar from that moment: online at once, offline at their next contact. */
  readonly revokeLicense: RevokeLicensePayload;
  /** Admin: takes a revocation back by issuing anew. */
  readonly reinstateLicense: ReinstateLicensePayload;
  /** Admin: makes the key that was announced the current one and announces the next; the old one verifies until its last license has expired. Every license is then issued anew. */
  readonly rotateSigningKey: RotateSigningKeyPayload;
  /** Admin: issues every license anew that another than the current key signed. A rotation does so by itself. */
  readonly reissueLicenses: ReissueLicensesPayload;
  /** Admin: a license of up to 365 days for an instance without a network, marked so. It stands beside the license in force. */
  readonly issueAirGapLicense: IssueAirGapLicensePayload;
};


export type MutationFetchLicenseArgs = {
  input: FetchLicenseInput;
};


export type MutationRevokeLicenseArgs = {
  input: RevokeLicenseInput;
};


export type MutationReinstateLicenseArgs = {
  input: ReinstateLicenseInput;
};


export type MutationRotateSigningKeyArgs = {
  input?: RotateSigningKeyInput;
};


export type MutationReissueLicensesArgs = {
  input: ReissueLicensesInput;
};


export type MutationIssueAirGapLicenseArgs = {
  input: IssueAirGapLicenseInput;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** Every license that replaces the one in force: upgrade, renewal, revocation. */
  readonly licenseChanged: License;
};


export type SubscriptionLicenseChangedArgs = {
  customerId: Scalars['ID']['input'];
};

/** What an instance is allowed, signed, so that it needs nobody to believe it. */
export type License = {
  readonly __typename?: 'License';
  /** The token's jti. */
  readonly id: Scalars['ID']['output'];
  /** The signed license, RS256 JWT in compact form. */
  readonly token: Scalars['String']['output'];
  /** The token's payload, decoded. */
  readonly claims: Scalars['JSON']['output'];
  /** How it stands. */
  readonly status: LicenseStatus;
  /** The signing key's (kid). */
  readonly keyId: Scalars['ID']['output'];
  /** When it was signed. */
  readonly issuedAt: Scalars['DateTime']['output'];
  /** When its lease ends and its calendar begins. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Since when it is taken back; null while it is not. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  /** For an instance without a network. */
  readonly airGap: Scalars['Boolean']['output'];
  /** Whose it is. */
  readonly customer: Maybe<Customer>;
};

/** A page of licenses. */
export type LicenseConnection = {
  readonly __typename?: 'LicenseConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<LicenseEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
  /** Of all pages together. */
  readonly totalCount: Maybe<Scalars['Int']['output']>;
};

/** An entry of a page. */
export type LicenseEdge = {
  readonly __typename?: 'LicenseEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: License;
};

/** How a license stands. */
export type LicenseStatus =
  /** In its lease. */
  | 'ACTIVE'
  /** Its lease is over: everything works, with warnings, for 7 days. */
  | 'GRACE'
  /** Its grace is over: nothing new, for 14 days; what runs goes on. */
  | 'READ_ONLY'
  /** Another one has taken its place. */
  | 'SUPERSEDED'
  /** Taken back. */
  | 'REVOKED'
  /** Its calendar is over: the limits of an unlicensed instance hold. */
  | 'EXPIRED';

/** A key that licenses may be signed with: RSA, 2048 bits. */
export type SigningKey = {
  readonly __typename?: 'SigningKey';
  /** The kid of its licenses. */
  readonly id: Scalars['ID']['output'];
  /** RS256. */
  readonly algorithm: Scalars['String']['output'];
  /** What it is used for. */
  readonly status: SigningKeyStatus;
  /** To verify with. */
  readonly publicKeyPem: Scalars['String']['output'];
  /** When it was made. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** Since when it signs, or signed. */
  readonly currentSince: Maybe<Scalars['DateTime']['output']>;
  /** Since when it verifies nothing. */
  readonly retiredAt: Maybe<Scalars['DateTime']['output']>;
  /** Set when it was retired because it is not to be trusted: what it signed counts as revoked from then on. */
  readonly compromisedAt: Maybe<Scalars['DateTime']['output']>;
};

/** Something that happened to a signing key. */
export type SigningKeyEvent = {
  readonly __typename?: 'SigningKeyEvent';
  /** Unique among them. */
  readonly id: Scalars['ID']['output'];
  /** When. */
  readonly at: Scalars['DateTime']['output'];
  /** What. */
  readonly action: SigningKeyAction;
  /** To which. */
  readonly keyId: Scalars['ID']['output'];
  /** By whom. */
  readonly actor: Scalars['String']['output'];
  /** Of the request that asked for it; null where none did. */
  readonly requestId: Maybe<Scalars['String']['output']>;
};

/** What can happen to a signing key. */
export type SigningKeyAction =
  /** Made, and made known. */
  | 'ANNOUNCED'
  /** Given from outside. */
  | 'IMPORTED'
  /** It signs from now on. */
  | 'CURRENT'
  /** It verifies nothing any more. */
  | 'RETIRED'
  /** It is not to be trusted. */
  | 'COMPROMISED';

/** ANNOUNCED: known to everybody, has signed nothing yet; the next rotation makes it CURRENT. */
export type SigningKeyStatus =
  /** Known to everybody, has signed nothing yet. */
  | 'ANNOUNCED'
  /** Signs. */
  | 'CURRENT'
  /** Signs no more; what it signed is good. */
  | 'VERIFYING'
  /** Verifies nothing. */
  | 'RETIRED';

/** state is what an instance would be in; claims are null unless the signature is good. */
export type LicenseVerification = {
  readonly __typename?: 'LicenseVerification';
  /** Whether everything works with it: its state is VALID or GRACE. */
  readonly valid: Scalars['Boolean']['output'];
  /** What an instance would be in, or why it would not take it. */
  readonly state: LicenseState;
  /** Its payload. */
  readonly claims: Maybe<Scalars['JSON']['output']>;
  /** When its lease ends. */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  /** To the day; from a revocation on, the one that begins there. Null unless the signature is good. */
  readonly calendar: Maybe<LicenseCalendar>;
  /** Since when it is taken back. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
};

/** VALID to expiresAt, GRACE to graceUntil, READ_ONLY from readOnlyFrom, the unlicensed limits from unlicensedFrom. */
export type LicenseCalendar = {
  readonly __typename?: 'LicenseCalendar';
  /** To then everything is as bought. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** To then everything works, with warnings. */
  readonly graceUntil: Scalars['DateTime']['output'];
  /** From then on nothing new can be made; what runs goes on. */
  readonly readOnlyFrom: Scalars['DateTime']['output'];
  /** From then on the limits of an unlicensed instance hold. */
  readonly unlicensedFrom: Scalars['DateTime']['output'];
};

/** A batch that issues every license anew. */
export type LicenseReissue = {
  readonly __typename?: 'LicenseReissue';
  /** Unique among batches. */
  readonly id: Scalars['ID']['output'];
  /** Who asked for it. */
  readonly actor: Scalars['String']['output'];
  /** Why. */
  readonly reason: Scalars['String']['output'];
  /** Licenses that are to be issued anew. */
  readonly total: Scalars['Int']['output'];
  /** How many of them are done. */
  readonly done: Scalars['Int']['output'];
  /** When it began. */
  readonly startedAt: Scalars['DateTime']['output'];
  /** When the last was done; null until then. */
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
};

/** What a license is worth to an instance. */
export type LicenseState =
  /** In its lease. */
  | 'VALID'
  /** Past its lease: everything works, with warnings. */
  | 'GRACE'
  /** Past its grace: nothing new. */
  | 'READ_ONLY'
  /** Past its calendar: unlicensed. */
  | 'EXPIRED'
  /** Taken back; its calendar runs from then on. */
  | 'REVOKED'
  /** It begins later. */
  | 'NOT_YET_VALID'
  /** It was changed, or another key signed it. */
  | 'BAD_SIGNATURE'
  /** It names a key that nobody announced. */
  | 'UNKNOWN_KEY'
  /** Somebody else issued it. */
  | 'WRONG_ISSUER'
  /** It is no license. */
  | 'MALFORMED';

/** One license that was issued, or taken back. */
export type LicenseHistoryEntry = {
  readonly __typename?: 'LicenseHistoryEntry';
  /** Unique among them. */
  readonly id: Scalars['ID']['output'];
  /** When. */
  readonly at: Scalars['DateTime']['output'];
  /** What happened. */
  readonly action: LicenseAction;
  /** The plan that it was for. */
  readonly plan: PlanKey;
  /** Its ceiling of devices; null is unlimited. */
  readonly maxDevices: Maybe<Scalars['SafeInt']['output']>;
  /** SHA-256 of the token, hex: the token itself is never stored here. */
  readonly tokenHash: Scalars['String']['output'];
  /** By whom. */
  readonly actor: Scalars['String']['output'];
  /** Why, where somebody said. */
  readonly reason: Maybe<Scalars['String']['output']>;
};

/** What happened to a customer's license. */
export type LicenseAction =
  /** The first one. */
  | 'GENERATED'
  /** The same grants, for longer. */
  | 'RENEWED'
  /** More was granted. */
  | 'UPGRADED'
  /** Something was taken away. */
  | 'DOWNGRADED'
  /** Taken back. */
  | 'REVOKED'
  /** Given back. */
  | 'REINSTATED';

/** A page of the license history. */
export type LicenseHistoryConnection = {
  readonly __typename?: 'LicenseHistoryConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<LicenseHistoryEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
  /** Of all pages together. */
  readonly totalCount: Scalars['Int']['output'];
  /** How many of each kind, of all pages together. */
  readonly byAction: ReadonlyArray<ActionCount>;
  /** How many for each plan, of all pages together. */
  readonly byPlan: ReadonlyArray<PlanCount>;
};

/** An entry of a page. */
export type LicenseHistoryEdge = {
  readonly __typename?: 'LicenseHistoryEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: LicenseHistoryEntry;
};

/** How many entries of one kind. */
export type ActionCount = {
  readonly __typename?: 'ActionCount';
  /** Which kind. */
  readonly action: LicenseAction;
  /** How many. */
  readonly count: Scalars['Int']['output'];
};

/** How many entries for one plan. */
export type PlanCount = {
  readonly __typename?: 'PlanCount';
  /** Which plan. */
  readonly plan: PlanKey;
  /** How many. */
  readonly count: Scalars['Int']['output'];
};

/** An instance's standing with its license. */
export type Activation = {
  readonly __typename?: 'Activation';
  /** Which. */
  readonly instance: Maybe<Instance>;
  /** The license that it was given last. */
  readonly licenseId: Scalars['ID']['output'];
  /** As the agent says. */
  readonly agentVersion: Maybe<Scalars['String']['output']>;
  /** When it fetched first. */
  readonly firstSeenAt: Scalars['DateTime']['output'];
  /** When it fetched last. */
  readonly lastSeenAt: Scalars['DateTime']['output'];
  /** When two agents were last seen side by side under this name: a clone, or a copy of its data folder. Neither is refused anything. */
  readonly duplicateSeenAt: Maybe<Scalars['DateTime']['output']>;
  /** How its agent is; null from one that does not say. */
  readonly health: Maybe<InstanceHealth>;
};

/** As the agent says of itself. */
export type InstanceHealth = {
  readonly __typename?: 'InstanceHealth';
  /** The machine's clock minus the time that the agent goes by. */
  readonly clockSkewSeconds: Scalars['Int']['output'];
  /** Reports that have no verdict yet. */
  readonly spooledReports: Scalars['SafeInt']['output'];
  /** Words in capitals: docs/agent-protocol.md lists them. */
  readonly problems: ReadonlyArray<Scalars['String']['output']>;
};

export type Customer = {
  readonly __typename?: 'Customer';
  readonly id: Scalars['ID']['output'];
  /** The license in force. Null for an unlicensed customer. The first read after sign-up waits up to a second for the first license. */
  readonly license: Maybe<License>;
  /** Each license that was issued or revoked, newest first. */
  readonly licenseHistory: Maybe<LicenseHistoryConnection>;
  /** Its instances as licensing has seen them. */
  readonly activations: Maybe<ReadonlyArray<Activation>>;
  /** Licenses for instances without a network, newest first. */
  readonly airGapLicenses: Maybe<ReadonlyArray<License>>;
};


export type CustomerLicenseHistoryArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};

export type PlanKey =
  | 'TRIAL'
  | 'STARTER'
  | 'PROFESSIONAL'
  | 'ENTERPRISE';

export type Instance = {
  readonly __typename?: 'Instance';
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  /** How it stands with its license; null before its first contact. */
  readonly activation: Maybe<Activation>;
};

/** What `fetchLicense` is told. */
export type FetchLicenseInput = {
  /** The instance's name; registered on first sight. */
  readonly instance: Scalars['String']['input'];
  /** The license it holds, so that an unchanged one need not be sent again. */
  readonly holding?: InputMaybe<Scalars['ID']['input']>;
  /** For the operator to see. */
  readonly agentVersion?: InputMaybe<Scalars['String']['input']>;
  /** Chosen at random by the agent's process when it starts: two that take turns under one name are told of. */
  readonly runId?: InputMaybe<Scalars['ID']['input']>;
  /** 16 to 64 characters, chosen at random for this request: the answer's signedTime repeats it. */
  readonly nonce?: InputMaybe<Scalars['String']['input']>;
  /** For the operator to see. */
  readonly health?: InputMaybe<InstanceHealthInput>;
};

/** How the agent is, in its own words. */
export type InstanceHealthInput = {
  /** The machine's clock minus the time that the agent goes by. */
  readonly clockSkewSeconds: Scalars['Int']['input'];
  /** Reports that have no verdict yet. */
  readonly spooledReports: Scalars['SafeInt']['input'];
  /** Words in capitals, 20 at most: docs/agent-protocol.md lists them. */
  readonly problems: ReadonlyArray<Scalars['String']['input']>;
};

/** What `fetchLicense` answers. */
export type FetchLicensePayload = {
  readonly __typename?: 'FetchLicensePayload';
  /** Null when the one held is still in force. */
  readonly license: Maybe<License>;
  /** Whose instance it is. */
  readonly customer: Maybe<Customer>;
  /** A signed list (JWT) of revoked license ids, to be kept for offline checks. */
  readonly revocationList: Scalars['String']['output'];
  /** Announcements (JWT) of the keys that licenses may be signed with, each signed with the key before it. */
  readonly keyAnnouncements: ReadonlyArray<Scalars['String']['output']>;
  /** Ours; not proven by itself. */
  readonly serverTime: Scalars['DateTime']['output'];
  /** Where a nonce was sent: the time, signed together with it (JWT). An instance corrects its clock by nothing less. */
  readonly signedTime: Maybe<Scalars['String']['output']>;
  /** When to come again, at the latest. */
  readonly refreshAfterSeconds: Scalars['Int']['output'];
};

/** What `revokeLicense` is told. */
export type RevokeLicenseInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** Why: it is kept beside the change. */
  readonly reason: Scalars['String']['input'];
};

/** What `revokeLicense` answers. */
export type RevokeLicensePayload = {
  readonly __typename?: 'RevokeLicensePayload';
  /** The one that was in force. */
  readonly license: License;
};

/** What `reinstateLicense` is told. */
export type ReinstateLicenseInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** Why: it is kept beside the change. */
  readonly reason: Scalars['String']['input'];
};

/** What `reinstateLicense` answers. */
export type ReinstateLicensePayload = {
  readonly __typename?: 'ReinstateLicensePayload';
  /** The one that was issued. */
  readonly license: License;
};

/** What `rotateSigningKey` is told. */
export type RotateSigningKeyInput = {
  /** Retire the current key now: it is compromised. */
  readonly emergency?: Scalars['Boolean']['input'];
};

/** What `rotateSigningKey` answers. */
export type RotateSigningKeyPayload = {
  readonly __typename?: 'RotateSigningKeyPayload';
  /** The one that signs from now on. */
  readonly signingKey: SigningKey;
  /** Issues every license anew. */
  readonly reissue: LicenseReissue;
};

/** What `reissueLicenses` is told. */
export type ReissueLicensesInput = {
  /** Why: it is kept beside the change. */
  readonly reason: Scalars['String']['input'];
};

/** What `reissueLicenses` answers. */
export type ReissueLicensesPayload = {
  readonly __typename?: 'ReissueLicensesPayload';
  /** The batch, begun. */
  readonly reissue: LicenseReissue;
};

/** What `issueAirGapLicense` is told. */
export type IssueAirGapLicenseInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** 1 to 365. */
  readonly days: Scalars['Int']['input'];
  /** Why: it is kept beside the change. */
  readonly reason: Scalars['String']['input'];
};

/** What `issueAirGapLicense` answers. */
export type IssueAirGapLicensePayload = {
  readonly __typename?: 'IssueAirGapLicensePayload';
  /** The one that was issued. */
  readonly license: License;
};

export type UsageFileAnswer = {
  readonly __typename?: 'UsageFileAnswer';
  readonly fileId: Scalars['ID']['output'];
  readonly customerId: Scalars['ID']['output'];
  readonly instance: Scalars['String']['output'];
  readonly verdicts: Scalars['String']['output'];
  /** The text of the file (JWT): verdicts, license and revocations, signed. */
  readonly file: Maybe<Scalars['String']['output']>;
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
  License: License;
  Customer: Customer;
  Instance: Instance;
  UsageFileAnswer: UsageFileAnswer;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  License:
    ( { __typename: 'License' }
    & GraphQLRecursivePick<FederationTypes['License'], {"id":true}> );
  Customer:
    ( { __typename: 'Customer' }
    & GraphQLRecursivePick<FederationTypes['Customer'], {"id":true}> );
  Instance:
    ( { __typename: 'Instance' }
    & GraphQLRecursivePick<FederationTypes['Instance'], {"id":true}> );
  UsageFileAnswer:
    ( { __typename: 'UsageFileAnswer' }
    & GraphQLRecursivePick<FederationTypes['UsageFileAnswer'], {"fileId":true,"customerId":true,"instance":true,"verdicts":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  _Entity:
    | ( CustomerReference )
    | ( InstanceRow )
    | ( LicenseRow )
    | ( ImportedFile )
  ;
};


/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  LicensingOverview: ResolverTypeWrapper<LicensingOverview>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  License: ResolverTypeWrapper<LicenseRow>;
  LicenseConnection: ResolverTypeWrapper<LicensePage>;
  LicenseEdge: ResolverTypeWrapper<Omit<LicenseEdge, 'node'> & { node: ResolversTypes['License'] }>;
  LicenseStatus: LicenseStatus;
  SigningKey: ResolverTypeWrapper<SigningKeyRow>;
  SigningKeyEvent: ResolverTypeWrapper<KeyEvent>;
  SigningKeyAction: SigningKeyAction;
  SigningKeyStatus: SigningKeyStatus;
  LicenseVerification: ResolverTypeWrapper<LicenseAnswer>;
  LicenseCalendar: ResolverTypeWrapper<LicenseCalendar>;
  LicenseReissue: ResolverTypeWrapper<ReissueRow>;
  LicenseState: LicenseState;
  LicenseHistoryEntry: ResolverTypeWrapper<HistoryEntry>;
  LicenseAction: LicenseAction;
  LicenseHistoryConnection: ResolverTypeWrapper<HistoryPage>;
  LicenseHistoryEdge: ResolverTypeWrapper<Omit<LicenseHistoryEdge, 'node'> & { node: ResolversTypes['LicenseHistoryEntry'] }>;
  ActionCount: ResolverTypeWrapper<ActionCount>;
  PlanCount: ResolverTypeWrapper<PlanCount>;
  Activation: ResolverTypeWrapper<ActivationRow>;
  InstanceHealth: ResolverTypeWrapper<Health>;
  Customer: ResolverTypeWrapper<CustomerReference>;
  PlanKey: PlanKey;
  Instance: ResolverTypeWrapper<InstanceRow>;
  FetchLicenseInput: FetchLicenseInput;
  InstanceHealthInput: InstanceHealthInput;
  FetchLicensePayload: ResolverTypeWrapper<FetchedLicense>;
  RevokeLicenseInput: RevokeLicenseInput;
  RevokeLicensePayload: ResolverTypeWrapper<Omit<RevokeLicensePayload, 'license'> & { license: ResolversTypes['License'] }>;
  ReinstateLicenseInput: ReinstateLicenseInput;
  ReinstateLicensePayload: ResolverTypeWrapper<Omit<ReinstateLicensePayload, 'license'> & { license: ResolversTypes['License'] }>;
  RotateSigningKeyInput: RotateSigningKeyInput;
  RotateSigningKeyPayload: ResolverTypeWrapper<Rotation>;
  ReissueLicensesInput: ReissueLicensesInput;
  ReissueLicensesPayload: ResolverTypeWrapper<Omit<ReissueLicensesPayload, 'reissue'> & { reissue: ResolversTypes['LicenseReissue'] }>;
  IssueAirGapLicenseInput: IssueAirGapLicenseInput;
  IssueAirGapLicensePayload: ResolverTypeWrapper<Omit<IssueAirGapLicensePayload, 'license'> & { license: ResolversTypes['License'] }>;
  UsageFileAnswer: ResolverTypeWrapper<ImportedFile>;
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
  SafeInt: Scalars['SafeInt']['output'];
  JSON: Scalars['JSON']['output'];
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  LicensingOverview: LicensingOverview;
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  License: LicenseRow;
  LicenseConnection: LicensePage;
  LicenseEdge: Omit<LicenseEdge, 'node'> & { node: ResolversParentTypes['License'] };
  SigningKey: SigningKeyRow;
  SigningKeyEvent: KeyEvent;
  LicenseVerification: LicenseAnswer;
  LicenseCalendar: LicenseCalendar;
  LicenseReissue: ReissueRow;
  LicenseHistoryEntry: HistoryEntry;
  LicenseHistoryConnection: HistoryPage;
  LicenseHistoryEdge: Omit<LicenseHistoryEdge, 'node'> & { node: ResolversParentTypes['LicenseHistoryEntry'] };
  ActionCount: ActionCount;
  PlanCount: PlanCount;
  Activation: ActivationRow;
  InstanceHealth: Health;
  Customer: CustomerReference;
  Instance: InstanceRow;
  FetchLicenseInput: FetchLicenseInput;
  InstanceHealthInput: InstanceHealthInput;
  FetchLicensePayload: FetchedLicense;
  RevokeLicenseInput: RevokeLicenseInput;
  RevokeLicensePayload: Omit<RevokeLicensePayload, 'license'> & { license: ResolversParentTypes['License'] };
  ReinstateLicenseInput: ReinstateLicenseInput;
  ReinstateLicensePayload: Omit<ReinstateLicensePayload, 'license'> & { license: ResolversParentTypes['License'] };
  RotateSigningKeyInput: RotateSigningKeyInput;
  RotateSigningKeyPayload: Rotation;
  ReissueLicensesInput: ReissueLicensesInput;
  ReissueLicensesPayload: Omit<ReissueLicensesPayload, 'reissue'> & { reissue: ResolversParentTypes['LicenseReissue'] };
  IssueAirGapLicenseInput: IssueAirGapLicenseInput;
  IssueAirGapLicensePayload: Omit<IssueAirGapLicensePayload, 'license'> & { license: ResolversParentTypes['License'] };
  UsageFileAnswer: ImportedFile;
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

export type Federation__TagDirectiveArgs = {
  name: Scalars['String']['input'];
};

export type Federation__TagDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__TagDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ExtendsDirectiveArgs = { };

export type Federation__ExtendsDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ExtendsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ShareableDirectiveArgs = { };

export type ShareableDirectiveResolver<Result, Parent, ContextType = Context, Args = ShareableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__InaccessibleDirectiveArgs = { };

export type Federation__InaccessibleDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__InaccessibleDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

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

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  signingKeys?: Resolver<ReadonlyArray<ResolversTypes['SigningKey']>, ParentType, ContextType>;
  verifyLicense?: Resolver<ResolversTypes['LicenseVerification'], ParentType, ContextType, RequireFields<QueryVerifyLicenseArgs, 'token'>>;
  revocationList?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  licenses?: Resolver<ResolversTypes['LicenseConnection'], ParentType, ContextType, RequireFields<QueryLicensesArgs, 'first'>>;
  signingKeyEvents?: Resolver<ReadonlyArray<ResolversTypes['SigningKeyEvent']>, ParentType, ContextType>;
  licenseReissues?: Resolver<ReadonlyArray<ResolversTypes['LicenseReissue']>, ParentType, ContextType>;
  licensingOverview?: Resolver<ResolversTypes['LicensingOverview'], ParentType, ContextType>;
  _entities?: Resolver<ReadonlyArray<Maybe<ResolversTypes['_Entity']>>, ParentType, ContextType, RequireFields<Query_EntitiesArgs, 'representations'>>;
  _service?: Resolver<ResolversTypes['_Service'], ParentType, ContextType>;
};

export type LicensingOverviewResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicensingOverview'] = ResolversParentTypes['LicensingOverview']> = {
  endingSoon?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  renewalsLate?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  fetchLicense?: Resolver<ResolversTypes['FetchLicensePayload'], ParentType, ContextType, RequireFields<MutationFetchLicenseArgs, 'input'>>;
  revokeLicense?: Resolver<ResolversTypes['RevokeLicensePayload'], ParentType, ContextType, RequireFields<MutationRevokeLicenseArgs, 'input'>>;
  reinstateLicense?: Resolver<ResolversTypes['ReinstateLicensePayload'], ParentType, ContextType, RequireFields<MutationReinstateLicenseArgs, 'input'>>;
  rotateSigningKey?: Resolver<ResolversTypes['RotateSigningKeyPayload'], ParentType, ContextType, RequireFields<MutationRotateSigningKeyArgs, 'input'>>;
  reissueLicenses?: Resolver<ResolversTypes['ReissueLicensesPayload'], ParentType, ContextType, RequireFields<MutationReissueLicensesArgs, 'input'>>;
  issueAirGapLicense?: Resolver<ResolversTypes['IssueAirGapLicensePayload'], ParentType, ContextType, RequireFields<MutationIssueAirGapLicenseArgs, 'input'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  licenseChanged?: SubscriptionResolver<ResolversTypes['License'], "licenseChanged", ParentType, ContextType, RequireFields<SubscriptionLicenseChangedArgs, 'customerId'>>;
};

export type LicenseResolvers<ContextType = Context, ParentType extends ResolversParentTypes['License'] = ResolversParentTypes['License'], FederationReferenceType extends FederationReferenceTypes['License'] = FederationReferenceTypes['License']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['License']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  token?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  claims?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['LicenseStatus'], ParentType, ContextType>;
  keyId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  issuedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  airGap?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type LicenseConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseConnection'] = ResolversParentTypes['LicenseConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['LicenseEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type LicenseEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseEdge'] = ResolversParentTypes['LicenseEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['License'], ParentType, ContextType>;
};

export type SigningKeyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SigningKey'] = ResolversParentTypes['SigningKey']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  algorithm?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['SigningKeyStatus'], ParentType, ContextType>;
  publicKeyPem?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  currentSince?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  retiredAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  compromisedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type SigningKeyEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SigningKeyEvent'] = ResolversParentTypes['SigningKeyEvent']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  action?: Resolver<ResolversTypes['SigningKeyAction'], ParentType, ContextType>;
  keyId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requestId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type LicenseVerificationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseVerification'] = ResolversParentTypes['LicenseVerification']> = {
  valid?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['LicenseState'], ParentType, ContextType>;
  claims?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  calendar?: Resolver<Maybe<ResolversTypes['LicenseCalendar']>, ParentType, ContextType>;
  revokedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type LicenseCalendarResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseCalendar'] = ResolversParentTypes['LicenseCalendar']> = {
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  graceUntil?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  readOnlyFrom?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  unlicensedFrom?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type LicenseReissueResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseReissue'] = ResolversParentTypes['LicenseReissue']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  done?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type LicenseHistoryEntryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseHistoryEntry'] = ResolversParentTypes['LicenseHistoryEntry']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  action?: Resolver<ResolversTypes['LicenseAction'], ParentType, ContextType>;
  plan?: Resolver<ResolversTypes['PlanKey'], ParentType, ContextType>;
  maxDevices?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  tokenHash?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  actor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type LicenseHistoryConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseHistoryConnection'] = ResolversParentTypes['LicenseHistoryConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['LicenseHistoryEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  byAction?: Resolver<ReadonlyArray<ResolversTypes['ActionCount']>, ParentType, ContextType>;
  byPlan?: Resolver<ReadonlyArray<ResolversTypes['PlanCount']>, ParentType, ContextType>;
};

export type LicenseHistoryEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LicenseHistoryEdge'] = ResolversParentTypes['LicenseHistoryEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['LicenseHistoryEntry'], ParentType, ContextType>;
};

export type ActionCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ActionCount'] = ResolversParentTypes['ActionCount']> = {
  action?: Resolver<ResolversTypes['LicenseAction'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PlanCountResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PlanCount'] = ResolversParentTypes['PlanCount']> = {
  plan?: Resolver<ResolversTypes['PlanKey'], ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ActivationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Activation'] = ResolversParentTypes['Activation']> = {
  instance?: Resolver<Maybe<ResolversTypes['Instance']>, ParentType, ContextType>;
  licenseId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  agentVersion?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  firstSeenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lastSeenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  duplicateSeenAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  health?: Resolver<Maybe<ResolversTypes['InstanceHealth']>, ParentType, ContextType>;
};

export type InstanceHealthResolvers<ContextType = Context, ParentType extends ResolversParentTypes['InstanceHealth'] = ResolversParentTypes['InstanceHealth']> = {
  clockSkewSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  spooledReports?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  problems?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type CustomerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Customer'] = ResolversParentTypes['Customer'], FederationReferenceType extends FederationReferenceTypes['Customer'] = FederationReferenceTypes['Customer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Customer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  license?: Resolver<Maybe<ResolversTypes['License']>, ParentType, ContextType>;
  licenseHistory?: Resolver<Maybe<ResolversTypes['LicenseHistoryConnection']>, ParentType, ContextType, RequireFields<CustomerLicenseHistoryArgs, 'first'>>;
  activations?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Activation']>>, ParentType, ContextType>;
  airGapLicenses?: Resolver<Maybe<ReadonlyArray<ResolversTypes['License']>>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type InstanceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Instance'] = ResolversParentTypes['Instance'], FederationReferenceType extends FederationReferenceTypes['Instance'] = FederationReferenceTypes['Instance']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Instance']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  activation?: Resolver<Maybe<ResolversTypes['Activation']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FetchLicensePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FetchLicensePayload'] = ResolversParentTypes['FetchLicensePayload']> = {
  license?: Resolver<Maybe<ResolversTypes['License']>, ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  revocationList?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  keyAnnouncements?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  serverTime?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  signedTime?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  refreshAfterSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RevokeLicensePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RevokeLicensePayload'] = ResolversParentTypes['RevokeLicensePayload']> = {
  license?: Resolver<ResolversTypes['License'], ParentType, ContextType>;
};

export type ReinstateLicensePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReinstateLicensePayload'] = ResolversParentTypes['ReinstateLicensePayload']> = {
  license?: Resolver<ResolversTypes['License'], ParentType, ContextType>;
};

export type RotateSigningKeyPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RotateSigningKeyPayload'] = ResolversParentTypes['RotateSigningKeyPayload']> = {
  signingKey?: Resolver<ResolversTypes['SigningKey'], ParentType, ContextType>;
  reissue?: Resolver<ResolversTypes['LicenseReissue'], ParentType, ContextType>;
};

export type ReissueLicensesPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReissueLicensesPayload'] = ResolversParentTypes['ReissueLicensesPayload']> = {
  reissue?: Resolver<ResolversTypes['LicenseReissue'], ParentType, ContextType>;
};

export type IssueAirGapLicensePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['IssueAirGapLicensePayload'] = ResolversParentTypes['IssueAirGapLicensePayload']> = {
  license?: Resolver<ResolversTypes['License'], ParentType, ContextType>;
};

export type UsageFileAnswerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageFileAnswer'] = ResolversParentTypes['UsageFileAnswer'], FederationReferenceType extends FederationReferenceTypes['UsageFileAnswer'] = FederationReferenceTypes['UsageFileAnswer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['UsageFileAnswer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  file?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
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
  __resolveType: TypeResolveFn<'Customer' | 'Instance' | 'License' | 'UsageFileAnswer', ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  SafeInt?: GraphQLScalarType;
  JSON?: GraphQLScalarType;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  LicensingOverview?: LicensingOverviewResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  License?: LicenseResolvers<ContextType>;
  LicenseConnection?: LicenseConnectionResolvers<ContextType>;
  LicenseEdge?: LicenseEdgeResolvers<ContextType>;
  SigningKey?: SigningKeyResolvers<ContextType>;
  SigningKeyEvent?: SigningKeyEventResolvers<ContextType>;
  LicenseVerification?: LicenseVerificationResolvers<ContextType>;
  LicenseCalendar?: LicenseCalendarResolvers<ContextType>;
  LicenseReissue?: LicenseReissueResolvers<ContextType>;
  LicenseHistoryEntry?: LicenseHistoryEntryResolvers<ContextType>;
  LicenseHistoryConnection?: LicenseHistoryConnectionResolvers<ContextType>;
  LicenseHistoryEdge?: LicenseHistoryEdgeResolvers<ContextType>;
  ActionCount?: ActionCountResolvers<ContextType>;
  PlanCount?: PlanCountResolvers<ContextType>;
  Activation?: ActivationResolvers<ContextType>;
  InstanceHealth?: InstanceHealthResolvers<ContextType>;
  Customer?: CustomerResolvers<ContextType>;
  Instance?: InstanceResolvers<ContextType>;
  FetchLicensePayload?: FetchLicensePayloadResolvers<ContextType>;
  RevokeLicensePayload?: RevokeLicensePayloadResolvers<ContextType>;
  ReinstateLicensePayload?: ReinstateLicensePayloadResolvers<ContextType>;
  RotateSigningKeyPayload?: RotateSigningKeyPayloadResolvers<ContextType>;
  ReissueLicensesPayload?: ReissueLicensesPayloadResolvers<ContextType>;
  IssueAirGapLicensePayload?: IssueAirGapLicensePayloadResolvers<ContextType>;
  UsageFileAnswer?: UsageFileAnswerResolvers<ContextType>;
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
  federation__tag?: Federation__TagDirectiveResolver<any, any, ContextType>;
  federation__extends?: Federation__ExtendsDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
  federation__inaccessible?: Federation__InaccessibleDirectiveResolver<any, any, ContextType>;
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
