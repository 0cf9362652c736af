import type { ReasonOf } from './errors.ts';

/** How long a list of an input may be, and the reason that refuses a longer one. */
export interface ListLimit {
  maximum: number;
  reason: ReasonOf<'INVALID_INPUT'>;
}

/** Entities that a gateway asks a subgraph for at once: as many as an answer may have fields. */
const MAX_REPRESENTATIONS = 20_000;

/** Every list among the inputs of the graph: a longer one is refused before its entries are looked at. */
export const LIST_LIMITS: Readonly<Record<string, ListLimit>> = {
  'ReportUsageInput.reports': { maximum: 1_000, reason: 'INVALID_REPORT_COUNT' },
  'InstanceHealthInput.problems': { maximum: 20, reason: 'INVALID_HEALTH' },
  'OverrideEntitlementsInput.features': { maximum: 100, reason: 'TOO_MANY_VALUES' },
  'OverrideEntitlementsInput.limits': { maximum: 100, reason: 'TOO_MANY_VALUES' },
  'Query._entities.representations': { maximum: MAX_REPRESENTATIONS, reason: 'TOO_MANY_VALUES' },
};

/** Of a list that has no limit of its own. */
export const DEFAULT_LIST_LIMIT: ListLimit = { maximum: 1_000, reason: 'TOO_MANY_VALUES' };

/** Characters of a text that has no limit of its own. What a field takes is less; this is what is looked at. */
export const MAX_TEXT_CHARACTERS = 32_768;

/**
 * Texts and inputs that their use case judges by itself, whatever is in them: as data of its answer, entry by entry, or, of
 * an address, as INVALID_URL.
 */
export const JUDGED_BY_USE_CASE: ReadonlySet<string> = new Set([
  'CreateCheckoutSessionInput.cancelUrl',
  'CreateCheckoutSessionInput.successUrl',
  'CreatePortalSessionInput.returnUrl',
  'ImportUsageFileInput.file',
  'Query.verifyLicense.token',
  'UsageReportInput',
]);

/**
 * Texts and inputs whose blanks at the ends stay: what only programs send, and passwords, which are what was typed. All
 * others are trimmed at the door, since a person pastes them with a line end behind.
 */
export function keepsBlanks(place: string): boolean {
  const [owner = ''] = place.split('.');
  if (place.endsWith('Url')) return false;
  if (JUDGED_BY_USE_CASE.has(place) || JUDGED_BY_USE_CASE.has(owner)) return true;
  return SENT_BY_PROGRAMS.has(owner) || /password$/i.test(place);
}

const SENT_BY_PROGRAMS: ReadonlySet<string> = new Set(['ReportUsageInput', 'FetchLicenseInput', 'InstanceHealthInput']);

/**
 * Root fields of which one operation may have so many, under whatever aliases: each hashes a password, reads a thousand
 * reports or lists the schema.
 */
export const MAX_PER_OPERATION: Readonly<Record<string, number>> = {
  'Mutation.signUp': 1,
  'Mutation.logIn': 1,
  'Mutation.reportUsage': 1,
  'Mutation.importUsageFile': 1,
  'Query.__schema': 1,
  'Query.customer': 10,
};

/** Of a mutation that has no number of its own; each is a transaction, and events that follow. */
export const MAX_OF_ONE_MUTATION = 5;
/** Of all mutations of an operation together. */
export const MAX_MUTATIONS = 10;
