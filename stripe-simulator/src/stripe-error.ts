export type StripeErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error' | 'rate_limit_error' | 'temporary_session_expired';

export interface StripeErrorDetails {
  code?: string;
  param?: string;
  decline_code?: string;
  payment_method?: object;
  payment_intent?: object;
  [field: string]: unknown;
}

/** A refusal in the provider's own words; the wire's `error` object is made of it. */
export class StripeError extends Error {
  override readonly name = 'StripeError';
  readonly type: StripeErrorType;
  /** The HTTP status. */
  readonly status: number;
  readonly details: StripeErrorDetails;
  /** True where what was written before the refusal stays: a declined card leaves an attempt behind. */
  keepsWrites = false;

  constructor(type: StripeErrorType, status: number, message: string, details: StripeErrorDetails = {}) {
    super(message);
    this.type = type;
    this.status = status;
    this.details = details;
  }

  /** The request cannot be carried out as it is: 400. */
  static invalid(message: string, details: StripeErrorDetails = {}): StripeError {
    return new StripeError('invalid_request_error', 400, message, details);
  }

  /** The object that the URL names does not exist: 404. */
  static notFound(object: string, id: string): StripeError {
    return new StripeError('invalid_request_error', 404, missingText(object, id), { code: 'resource_missing', param: 'id' });
  }

  /** An object that a parameter names does not exist: 400. */
  static missing(object: string, id: string, param: string): StripeError {
    return StripeError.invalid(missingText(object, id), { code: 'resource_missing', param });
  }

  /** A card that does not pay: 402. */
  static card(message: string, details: StripeErrorDetails & { code: string }): StripeError {
    return new StripeError('card_error', 402, message, details);
  }

  /** Refuses, and commits what was written: `throw StripeError.card(…).keepingWrites()`. */
  keepingWrites(): this {
    this.keepsWrites = true;
    return this;
  }

  body(requestId: string): { error: Record<string, unknown> } {
    const documentation = this.details.code === undefined ? {} : { doc_url: `https://stripe.com/docs/error-codes/${this.details.code.replaceAll('_', '-')}` };
    return { error: { message: this.message, request_log_url: null, request_id: requestId, type: this.type, ...documentation, ...this.details } };
  }
}

/** Their words for an object's type where they are not the type's own. */
const SPOKEN: Record<string, string> = { payment_method: 'PaymentMethod', 'checkout.session': 'checkout.session', promotion_code: 'promotion code', webhook_endpoint: 'webhook endpoint', 'billing.meter': 'meter' };

function missingText(object: string, id: string): string {
  return `No such ${SPOKEN[object] ?? object}: '${id}'`;
}
