/**
 * Every reason that an error may carry, by code. `reason` is the word a program switches on; docs/errors.md explains each
 * and a test holds both together.
 */
export const REASONS = {
  INVALID_INPUT: {
    MALFORMED_JSON: 'The body is not JSON.',
    MALFORMED_REQUEST: 'The body is JSON, but not a GraphQL request.',
    MALFORMED_QUERY: 'The document does not parse, or asks for what the schema does not have.',
    INVALID_VARIABLES: 'A variable is missing, unknown, or not of its type.',
    PERSISTED_QUERY_MISMATCH: 'The hash in extensions.persistedQuery is not that of the document that was sent with it.',
    UNKNOWN_OPERATION: 'operationName names no operation of the document, or is missing where there are several.',
    INTROSPECTION_DISABLED: 'This server does not tell its schema; ask its operator.',
    QUERY_TOO_LONG: 'The document has more tokens than are allowed.',
    QUERY_TOO_DEEP: 'The document, or what its variables carry, nests deeper than is allowed.',
    QUERY_TOO_COMPLEX: 'The document asks for more than one request may cost; ask for less, or page.',
    TOO_MANY_ALIASES: 'The document uses more aliases than are allowed.',
    TOO_MANY_DIRECTIVES: 'The document uses more directives than are allowed.',
    TOO_MANY_ROOT_FIELDS: 'The document asks for more root fields than are allowed.',
    TOO_MANY_VALUES: 'The variables carry more values than this request may have.',
    BATCHING_NOT_SUPPORTED: 'Send one operation per request.',
    SUBSCRIPTION_TRANSPORT: 'Subscriptions are served over WebSocket (graphql-transport-ws) and as text/event-stream.',
    CSRF_PREVENTED: 'A cross-site form could have sent this request: send content-type application/json.',
    INVALID_EMAIL: 'Not an e-mail address.',
    INVALID_PASSWORD: 'A password has 8 to 256 characters.',
    INVALID_MAIL_LINK: 'The link of the mail is not whole, or not known here.',
    INVALID_NAME: 'A name is empty, too long or has characters that are not allowed.',
    INVALID_TEXT: 'A text is empty, too long, or has a control character or half a character in it; path says which.',
    INVALID_CURSOR: 'Not a cursor of this list.',
    INVALID_PAGE_SIZE: 'first is 1 to 100.',
    INVALID_RANGE: 'from lies before to, and the range is no longer than is allowed.',
    INVALID_REPORT_COUNT: 'One call carries 1 to 1000 reports.',
    INVALID_URL: 'Not an absolute http or https address.',
    URL_NOT_ALLOWED: 'The address leads to a site that this plane sends nobody to; its operator lists it in RETURN_ORIGINS.',
    INVALID_DAYS: 'Days are 1 to 365.',
    FILE_MALFORMED: 'This is no usage file of an instance agent, or it was cut off.',
    FILE_TAMPERED: 'The usage file is not what the instance signed.',
    FILE_TOO_LARGE: 'A usage file has at most 1,000,000 characters.',
    FILE_OF_OTHER_CUSTOMER: "The usage file is of another customer's instance.",
    INVALID_RETENTION: 'Raw reports are kept for 1 to 3650 days.',
    INVALID_ADJUSTMENT: 'A correction is a whole number other than 0, of at most 10^15, with a reference of 1 to 128 visible ASCII characters.',
    INVALID_NONCE: 'A nonce is 16 to 64 letters, digits, underscores and hyphens.',
    INVALID_HEALTH: 'A problem is a word in capitals, of which there are at most 20; counts are not negative.',
    UNKNOWN_FEATURE: 'No plan has a feature of this name.',
    UNKNOWN_LIMIT: 'No plan has a limit of this name.',
    INVALID_LIMIT: 'A limit is a whole number from 0 on, or null for unlimited.',
    PROMOTION_CODE_NOT_FOUND: 'No such promotion code, or not for this purchase.',
    PROMOTION_CODE_EXPIRED: 'The promotion code has expired or was used up.',
    PROMOTION_CODE_NOT_APPLICABLE: 'The promotion code is not for this purchase: its currency, its minimum, or that it is for a first one.',
    SIGNATURE_MISSING: 'The webhook carries no Stripe-Signature.',
    SIGNATURE_INVALID: 'The signature fits neither the body nor any secret of ours.',
    SIGNATURE_TOO_OLD: 'The webhook was signed more than 5 minutes ago.',
    SIGNATURE_IN_FUTURE: 'The webhook was signed more than 5 minutes from now: one of the clocks is wrong.',
    MALFORMED_EVENT: 'The signed body is no event of Stripe.',
    METHOD_NOT_ALLOWED: 'This address does not take this method.',
    UNSUPPORTED_MEDIA_TYPE: 'Send application/json.',
    UNSUPPORTED_ENCODING: 'A body is compressed once, by gzip, deflate or br, or not at all.',
    MALFORMED_ENCODING: 'The body is not what its content-encoding says, or was cut off.',
    MALFORMED_HTTP: 'This is no request as HTTP has it.',
  },
  UNAUTHENTICATED: {
    CREDENTIAL_REQUIRED: 'The operation needs a credential and the request carried none.',
    INVALID_CREDENTIAL: 'The credential is not known here.',
    MALFORMED_CREDENTIAL: 'The credential has no form that is accepted, or two were sent.',
    INVALID_LOGIN: 'E-mail or password is wrong.',
    SESSION_EXPIRED: 'The session has ended; log in again.',
    API_KEY_REVOKED: 'The API key was revoked.',
    LICENSE_NOT_ACCEPTED: 'The license that was sent as credential is not in force.',
    CUSTOMER_DEACTIVATED: 'The account was deactivated.',
    CALLER_REQUIRED: 'This server answers its gateway only.',
  },
  FORBIDDEN: {
    ADMIN_ONLY: 'Only the operator may do this.',
    USER_ONLY: 'Only a user of the account, or the operator, may do this.',
    INSTANCE_ONLY: 'Only an instance may do this.',
    NOT_FOR_INSTANCES: 'An instance may not read this.',
    ORIGIN_NOT_ALLOWED: 'The page that sent this is not on the allow-list.',
  },
  NOT_FOUND: {
    CUSTOMER_NOT_FOUND: 'No such customer, or not yours.',
    API_KEY_NOT_FOUND: 'No such API key, or not yours.',
    INSTANCE_NOT_FOUND: 'No such instance, or not yours.',
    DEPLOYMENT_NOT_FOUND: 'No such deployment, or not yours.',
    PERIOD_NOT_FOUND: 'The customer has no billing period that began then.',
    OBJECT_NOT_FOUND: 'No such object, or not yours.',
    WEBHOOK_EVENT_NOT_FOUND: 'No such event was received.',
    ROUTE_NOT_FOUND: 'Nothing is served at this address.',
  },
  CONFLICT: {
    EMAIL_TAKEN: 'Another account has this e-mail address.',
    NAME_TAKEN: 'The account has one of this name already.',
    CUSTOMER_DEACTIVATED: 'The account was deactivated: nothing new can be made in it.',
    ALREADY_ON_PLAN: 'The customer has this plan already.',
    PLAN_DOES_NOT_FIT: 'The customer has more than this plan allows; limit, allowed and current say what. The operator can force it.',
    PLAN_NOT_SOLD: 'This plan has no price: it is the trial, or sold by contract; ask the vendor.',
    CHECKOUT_REQUIRED: 'There is no paid subscription to change: open a checkout.',
    SUBSCRIPTION_EXISTS: 'The customer has a paid subscription: change or cancel that one.',
    SUBSCRIPTION_ENDING: 'The subscription was canceled and ends with its period: resume it first.',
    NOT_ENDING: 'No cancellation is under way that could be taken back.',
    NO_SUBSCRIPTION: 'There is no paid subscription.',
    EDITED_AT_STRIPE: 'Somebody changed this subscription at Stripe by hand: this would touch what is not ours. Its operator does it there.',
    MISSING_AT_STRIPE: 'Stripe does not have what it had of this customer; its operator looks at the account that the key belongs to.',
    NO_BILLING_ACCOUNT: 'Nothing was ever bought: there is no portal to open yet.',
    PAYMENT_REQUIRED: 'The payment did not go through; nothing was changed. Pay the invoice, or another card, and it will be.',
    PAYMENT_OVERDUE: 'An invoice is not paid; pay it first.',
    PERIOD_NOT_PAID: 'What the present period costs was not paid, or was given back; the plan can be changed when the next period has begun and is paid.',
    INSTANCE_KEY_CHANGED: 'The usage file was signed with another key than the files of this instance before: somebody else made it, or its machine was replaced; then the operator forgets the old key first.',
    REFERENCE_TAKEN: 'A correction with this reference and other numbers exists already.',
    ALREADY_REVOKED: 'The license is revoked; reinstate it first.',
    NOT_REVOKED: 'The license is not revoked.',
    NO_LICENSE: 'There is no license that counts.',
    KEYS_NOT_KEPT: 'This plane has no place to keep a new private key: set LICENSE_KEY_ENCRYPTION_KEY, or give the next key in LICENSE_PRIVATE_KEY.',
    DEPLOYMENT_FAILED: 'The deployment failed for good; its reason says why.',
    DEPLOYMENT_RUNNING: 'A worker is at this deployment; wait until it has ended.',
    DEPLOYMENT_REMOVED: 'What was deployed is removed; deploy the instance anew with createInstance.',
    NOTHING_TO_RETRY: 'Only what failed is retried.',
    NOT_DEPLOYED: 'The instance was not deployed from here: there is nothing to remove.',
    LICENSE_REQUIRED: 'The customer has no license under which anything new is deployed; choose a plan first.',
    TRIAL_ALREADY_USED: 'There is one trial per customer, and none after a paid subscription.',
  },
  LIMIT_EXCEEDED: {
    BODY_TOO_LARGE: 'The body is larger than is accepted.',
    HEADERS_TOO_LARGE: 'The headers of the request are larger than is accepted; cookies are not needed.',
    REQUEST_TIMEOUT: 'The request did not arrive in time.',
    RATE_LIMITED: 'Too many requests; try again after the time in retryAfterSeconds.',
    TOO_MANY_LOGIN_ATTEMPTS: 'Too many failed log-ins; try again after the time in retryAfterSeconds.',
    TOO_MANY_API_KEYS: 'The account has as many API keys in force as it may; revoke one first.',
    TOO_MANY_INSTANCES: 'The account has as many instances as it may; the operator can raise that.',
    TOO_MANY_REPORTS: 'That is more reports than one file takes: 100000.',
    TOO_MANY_CONNECTIONS: 'Too many WebSocket connections for this account.',
    TOO_MANY_SUBSCRIPTIONS: 'Too many live operations on one connection.',
    TOO_MANY_MESSAGES: 'Too many messages on one connection, or too many that were refused.',
    SLOW_CONSUMER: 'The client did not read what it was sent; what came since is lost: subscribe again.',
  },
  UNAVAILABLE: {
    SUBGRAPH_UNAVAILABLE: 'A part of the graph did not answer; try again.',
    SUBGRAPH_TIMEOUT: 'A part of the graph did not answer in time; try again.',
    STRIPE_UNAVAILABLE: 'Stripe did not answer; send the same request again: nothing is charged twice.',
    CATALOGUE_NOT_SYNCED: 'Stripe does not have our prices yet; its operator runs npm run stripe:sync.',
    STRIPE_NOT_CONFIGURED: 'This plane has no access to Stripe.',
    HELM_NOT_CONFIGURED: 'This plane has no cluster to deploy to; its operator sets HELM_CHART_PATH, or SIMULATE_K8S_DEPLOYMENT=true.',
    DATABASE_UNAVAILABLE: 'The database did not answer; nothing was stored; try again.',
    QUEUES_UNAVAILABLE: 'The job queues did not answer; try again.',
    BUSY: 'Another change of the same account is under way; try again.',
    OVERLOADED: 'More is waiting to be stored than is taken at once; nothing was stored; try again.',
    SHUTTING_DOWN: 'The server is stopping; try again.',
  },
  INTERNAL: {
    UNEXPECTED: 'A fault of ours; the requestId finds it in our log.',
  },
} as const;

export type ErrorCode = keyof typeof REASONS;
export type ReasonOf<C extends ErrorCode> = C extends ErrorCode ? Extract<keyof (typeof REASONS)[C], string> : never;
export type Reason = ReasonOf<ErrorCode>;

/** What each code means to a door: HTTP status, whether a client or job should try again, and how loudly it is logged. */
export const ERROR_TABLE: Record<ErrorCode, { httpStatus: number; retry: boolean; logLevel: 'debug' | 'warn' | 'error' }> = {
  INVALID_INPUT: { httpStatus: 400, retry: false, logLevel: 'debug' },
  UNAUTHENTICATED: { httpStatus: 401, retry: false, logLevel: 'debug' },
  FORBIDDEN: { httpStatus: 403, retry: false, logLevel: 'debug' },
  NOT_FOUND: { httpStatus: 404, retry: false, logLevel: 'debug' },
  CONFLICT: { httpStatus: 409, retry: false, logLevel: 'debug' },
  LIMIT_EXCEEDED: { httpStatus: 429, retry: true, logLevel: 'debug' },
  UNAVAILABLE: { httpStatus: 503, retry: true, logLevel: 'warn' },
  INTERNAL: { httpStatus: 500, retry: false, logLevel: 'error' },
};

/** Reasons whose HTTP status is more exact than their code's. */
const STATUS_OF_REASON: Partial<Record<Reason, number>> = {
  BODY_TOO_LARGE: 413,
  HEADERS_TOO_LARGE: 431,
  REQUEST_TIMEOUT: 408,
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNSUPPORTED_ENCODING: 415,
};

/** The HTTP status of an error with this code and reason. */
export function httpStatusOf(code: ErrorCode, reason?: string): number {
  return STATUS_OF_REASON[reason as Reason] ?? ERROR_TABLE[code].httpStatus;
}

export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(REASONS, text);
}

/** The one error that crosses a door: `publicMessage` and `details` are shown to the caller, `cause` only to our log. */
export class AppError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: ErrorCode;
  readonly reason: Reason;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: C, reason: ReasonOf<C>, publicMessage?: string, options: { cause?: unknown; details?: Record<string, string | number | boolean | null> } = {}) {
    super(publicMessage ?? describeReason(code, reason), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.reason = reason as Reason;
    this.details = options.details ?? {};
  }
}

function describeReason(code: ErrorCode, reason: string): string {
  return (REASONS[code] as Record<string, string>)[reason] ?? reason;
}
