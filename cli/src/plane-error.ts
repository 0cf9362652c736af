import { isErrorCode } from '@iotistic/contracts/errors';
import { z } from 'zod';
import { CliError, EXIT, type ExitCode } from './cli-error.ts';

const EXIT_OF_CODE: Record<string, ExitCode> = {
  INVALID_INPUT: EXIT.usage,
  UNAUTHENTICATED: EXIT.notAllowed,
  FORBIDDEN: EXIT.notAllowed,
  NOT_FOUND: EXIT.notFound,
  CONFLICT: EXIT.failure,
  LIMIT_EXCEEDED: EXIT.limit,
  UNAVAILABLE: EXIT.unreachable,
  INTERNAL: EXIT.failure,
};

/** What the operator can do about it, where the plane cannot know. */
const HINTS: Record<string, string> = {
  CREDENTIAL_REQUIRED: 'Set IOTCTL_TOKEN or IOTCTL_TOKEN_FILE, or keep a token: iotctl profile add <name>.',
  INVALID_CREDENTIAL: 'Is it the token of this plane?',
  SESSION_EXPIRED: 'Log in again, and give the new token to iotctl profile add.',
  MALFORMED_QUERY: 'The plane and iotctl are of different versions: use the iotctl that came with the plane.',
  INVALID_VARIABLES: 'The plane and iotctl are of different versions, or a value is not of its kind.',
  SUBGRAPH_UNAVAILABLE: 'See iotctl doctor.',
  SUBGRAPH_TIMEOUT: 'See iotctl doctor.',
};

const errorSchema = z.object({ message: z.string(), extensions: z.looseObject({ code: z.string().optional(), reason: z.string().optional(), requestId: z.string().optional(), retryAfterSeconds: z.number().optional() }).optional() });
export const errorsSchema = z.array(errorSchema).min(1);

/** What the plane refused, in its words, with what can be done. */
export function refusalOf(errors: z.infer<typeof errorsSchema>): CliError {
  // A subgraph that is down fails fields by the dozen: the first that says why stands for all.
  const error = errors.find(({ extensions }) => isErrorCode(extensions?.code)) ?? errors[0];
  const { code, reason, requestId, retryAfterSeconds } = error?.extensions ?? {};
  const isOurFault = reason === 'MALFORMED_QUERY' || reason === 'INVALID_VARIABLES';
  const exitCode = isOurFault ? EXIT.failure : (EXIT_OF_CODE[code ?? ''] ?? EXIT.failure);
  const hint = retryAfterSeconds === undefined ? HINTS[reason ?? ''] : `Try again in ${retryAfterSeconds} s.`;
  const message = (error?.message ?? 'The plane refused').replace(/\.?$/, '.');
  return new CliError(exitCode, hint === undefined ? message : `${message} ${hint}`, { ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }), ...(requestId === undefined ? {} : { requestId }) });
}

const TLS_ERRORS: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; have NODE_EXTRA_CA_CERTS name the file that it can be trusted by',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not known here; have NODE_EXTRA_CA_CERTS name the file of that authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not known here, or it does not send the certificates in between',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not known here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, or the clock of this machine is behind',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS; perhaps it is http instead of https',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; perhaps it is http instead of https',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; perhaps it is http instead of https',
};
const NETWORK_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  HPE_INVALID_CONSTANT: 'what answers there does not speak HTTP; perhaps it is https instead of http',
};

/** Why there was no answer. @param error what the network threw */
export function unreachable(url: string, error: unknown): CliError {
  const codes = codesOf(error);
  const tls = codes.map((code) => TLS_ERRORS[code]).find((text) => text !== undefined);
  if (tls !== undefined) return new CliError(EXIT.unreachable, `There is no safe connection to ${url}: ${tls}.`, { cause: error });
  const network = codes.map((code) => NETWORK_ERRORS[code]).find((text) => text !== undefined);
  return new CliError(EXIT.unreachable, `The plane at ${url} cannot be reached: ${network ?? codes[0] ?? (innermostMessage(error) || 'no reason is known')}.`, { cause: error });
}

function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return innermostMessage(error.cause) || error.message;
}

/** The codes of an error and of its causes, outermost first. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 4) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const several = 'errors' in error && Array.isArray(error.errors) ? error.errors.flatMap((each) => codesOf(each, depth + 1)) : [];
  return [...own, ...several, ...('cause' in error ? codesOf(error.cause, depth + 1) : [])];
}
