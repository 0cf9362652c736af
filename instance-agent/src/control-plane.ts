import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { isErrorCode } from '@iotistic/contracts/errors';
import { receiptOf } from '@iotistic/contracts/receipt';
import type { KeySet } from './license-file.ts';
import { readLimitedText } from './limited-body.ts';
import { OPERATIONS, type OperationName } from './operations.ts';
import type { UsageReport } from './usage.ts';

const ANSWER_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

const verdictsSchema = z.object({
  accepted: z.number().int(),
  late: z.number().int(),
  duplicates: z.number().int(),
  rejected: z.array(z.object({ reportId: z.string(), reason: z.string(), message: z.string() })),
  /** Which call it answers. */
  receipt: z.string(),
  /** Each time that it was put back to a backup, which was made then. */
  restores: z.array(z.object({ id: z.string(), since: z.string().pipe(z.coerce.date()) })).default([]),
});
export type Verdicts = z.infer<typeof verdictsSchema>;

const licenseAnswerSchema = z.object({
  /** Null when the one held is still in force. */
  license: z.object({ token: z.string() }).nullable(),
  revocationList: z.string(),
  keyAnnouncements: z.array(z.string()),
  customer: z.object({ id: z.string() }),
  serverTime: z.string().pipe(z.coerce.date()),
  refreshAfterSeconds: z.number(),
});
export type LicenseAnswer = z.infer<typeof licenseAnswerSchema>;

const answersSchema = {
  handshake: z.object({ reportUsage: verdictsSchema, fetchLicense: licenseAnswerSchema }),
  'report-usage': z.object({ reportUsage: verdictsSchema }),
  'fetch-license': z.object({ fetchLicense: licenseAnswerSchema }),
  'prove-time': z.object({ fetchLicense: z.object({ signedTime: z.string().nullable() }) }),
  'signing-keys': z.object({ signingKeys: z.array(z.object({ id: z.string(), algorithm: z.string(), status: z.string(), publicKeyPem: z.string() })) }),
} satisfies Record<Exclude<OperationName, 'license-changed'>, z.ZodType>;
/** What is asked over HTTP: live updates come by another way. */
type Question = keyof typeof answersSchema;
type Answer<N extends Question> = z.infer<(typeof answersSchema)[N]>;

const errorSchema = z.object({
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).optional(),
  extensions: z.looseObject({ code: z.string().optional(), reason: z.string().optional() }).optional(),
});
const responseSchema = z.object({ data: z.unknown().optional(), errors: z.array(errorSchema).optional() });

/** The control plane did not do what was asked. Nothing it may have done counts as acknowledged. */
export class ControlPlaneError extends Error {
  constructor(
    /** `unreachable`: no answer, or none of ours; `unavailable`: it, or a part of it, asks to try again; `refused`: it said no; `protocol`: its answer makes no sense. */
    readonly kind: 'unreachable' | 'unavailable' | 'refused' | 'protocol',
    message: string,
    readonly details: { code?: string; reason?: string; retryAfterSeconds?: number; failedFields?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ControlPlaneError';
  }
}

export type Credential = { apiKey: string } | { license: string };

/** How an agent says that it is: problems are words in capitals. */
export interface AgentHealth {
  clockSkewSeconds: number;
  spooledReports: number;
  problems: readonly string[];
}

interface PlaneParts {
  /** BILLING_API_URL, without a slash at its end. */
  url: string;
  instance: string;
  agentVersion: string;
  /** Of this process: two that take turns under one name are told of. */
  runId: string;
  /** How the agent is, told with each fetch. */
  health: () => AgentHealth;
  fetch: typeof fetch;
  /** Null while there is none: neither an API key nor a license. */
  credential: () => Credential | null;
  signal: AbortSignal;
}

/** Speaks to the control plane: the four documents of operations.ts over HTTP. */
export class ControlPlane {
  constructor(private readonly parts: PlaneParts) {}

  /** Reports and fetches in one request. */
  async handshake(reports: readonly UsageReport[], holding: string | null): Promise<Answer<'handshake'>> {
    const answer = await this.send('handshake', { ...this.usageInput(reports), ...this.licenseInput(holding) });
    return { ...answer, reportUsage: checkReceipt(answer.reportUsage, reports) };
  }

  /** @throws ControlPlaneError `protocol` when the answer belongs to another call. */
  async reportUsage(reports: readonly UsageReport[]): Promise<Verdicts> {
    return checkReceipt((await this.send('report-usage', this.usageInput(reports))).reportUsage, reports);
  }

  /** The time, signed for this question: the token, to be checked. Null where the control plane does not sign it. */
  async signedTime(nonce: string): Promise<string | null> {
    const { license } = this.licenseInput(null);
    return (await this.send('prove-time', { license: { ...license, nonce } })).fetchLicense.signedTime;
  }

  async fetchLicense(holding: string | null): Promise<LicenseAnswer> {
    return (await this.send('fetch-license', this.licenseInput(holding))).fetchLicense;
  }

  /** The keys that licenses may be signed with; needs no credential. */
  async signingKeys(): Promise<KeySet> {
    const { signingKeys } = await this.send('signing-keys', {}, false);
    const usable = signingKeys.filter((key) => key.algorithm === 'RS256' && key.status !== 'RETIRED');
    try {
      return new Map(usable.map((key) => [key.id, createPublicKey(key.publicKeyPem)]));
    } catch (cause) {
      throw new ControlPlaneError('protocol', 'The control plane answered with a key that is none', { cause });
    }
  }

  private usageInput(reports: readonly UsageReport[]) {
    return { usage: { instance: this.parts.instance, reports } };
  }

  private licenseInput(holding: string | null) {
    const { instance, agentVersion, runId } = this.parts;
    return { license: { instance, holding, agentVersion, runId, health: this.parts.health() } };
  }

  private async send<N extends Question>(operation: N, variables: Record<string, unknown>, authenticated = true): Promise<Answer<N>> {
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json', ...(authenticated ? this.credentialHeader() : {}) };
    const { status, retryAfter, text } = await this.post(headers, JSON.stringify({ query: OPERATIONS[operation], variables }));
    const body = readResponse(text);
    if (body === null) throw notOurs(status, retryAfter);
    const [error] = body.errors ?? [];
    if (error !== undefined) throw refusal(body.errors ?? [], status, retryAfter);
    const answer = answersSchema[operation].safeParse(body.data);
    if (!answer.success) throw new ControlPlaneError('protocol', 'The control plane gave an answer that does not fit the question', { cause: answer.error });
    return answer.data as Answer<N>;
  }

  private credentialHeader(): Record<string, string> {
    const credential = this.parts.credential();
    if (credential === null) throw new ControlPlaneError('refused', 'There is no credential: set IOTISTIC_API_KEY, or give the agent a license', { code: 'UNAUTHENTICATED', reason: 'CREDENTIAL_REQUIRED' });
    return 'apiKey' in credential ? { 'x-api-key': credential.apiKey } : { authorization: `Bearer ${credential.license}` };
  }

  private async post(headers: Record<string, string>, body: string): Promise<{ status: number; retryAfter: string | null; text: string }> {
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.parts.signal]);
      const response = await this.parts.fetch(`${this.parts.url}/graphql`, { method: 'POST', headers, body, signal, redirect: 'error' });
      return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await readLimitedText(response, ANSWER_BYTES) };
    } catch (cause) {
      throw new ControlPlaneError('unreachable', 'The control plane cannot be reached', { cause });
    }
  }
}

/** Who replays yesterday's answer does not make us believe that today's reports arrived. */
function checkReceipt(verdicts: Verdicts, reports: readonly UsageReport[]): Verdicts {
  if (receiptOf(reports.map(({ reportId }) => reportId)) !== verdicts.receipt) throw new ControlPlaneError('protocol', "The control plane's answer belongs to another call");
  return verdicts;
}

function readResponse(text: string): z.infer<typeof responseSchema> | null {
  try {
    return responseSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Something between us and the control plane answered: a proxy, another server. */
function notOurs(status: number, retryAfter: string | null): ControlPlaneError {
  return new ControlPlaneError('unreachable', `The answer (HTTP status ${status}) is not the control plane's`, retryDetails(undefined, retryAfter));
}

function refusal(errors: readonly z.infer<typeof errorSchema>[], status: number, retryAfter: string | null): ControlPlaneError {
  const first = errors.find((error) => isErrorCode(error.extensions?.code)) ?? errors[0];
  const { code, reason } = first?.extensions ?? {};
  const kind = code === 'UNAVAILABLE' || (code === undefined && status >= 500) ? 'unavailable' : 'refused';
  const failedFields = errors.flatMap((error) => (typeof error.path?.[0] === 'string' ? [error.path[0]] : []));
  return new ControlPlaneError(kind, `The control plane refused: ${(first?.message ?? 'no reason given').replace(/\.$/, '')}`, {
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...retryDetails(first?.extensions, retryAfter),
    failedFields: [...new Set(failedFields)],
  });
}

/** `retryAfterSeconds` of the error, else the header of that name; at most a day. */
function retryDetails(extensions: Record<string, unknown> | undefined, header: string | null): { retryAfterSeconds?: number } {
  const details = extensions?.['details'];
  const nested = typeof details === 'object' && details !== null && 'retryAfterSeconds' in details ? details.retryAfterSeconds : undefined;
  const value = Number(extensions?.['retryAfterSeconds'] ?? nested ?? header ?? NaN);
  return Number.isFinite(value) && value > 0 ? { retryAfterSeconds: Math.min(value, 86_400) } : {};
}
