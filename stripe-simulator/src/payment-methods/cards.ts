import { StripeError } from '../stripe-error.ts';

/** Why a card is refused, in the codes of the API. */
export interface Decline {
  code: string;
  declineCode: string | null;
  message: string;
}

/** What a card does when it is charged. */
export type ChargeOutcome = 'succeeds' | 'declines' | 'needs_authentication';

export interface TestCard {
  number: string;
  brand: 'amex' | 'discover' | 'mastercard' | 'visa';
  /** Its token: `pm_card_visa`. */
  token: string;
  /** Refused when it is attached; null where it attaches. */
  onAttach: Decline | null;
  charge: ChargeOutcome;
  /** What a charge that fails says. */
  onCharge: Decline | null;
  /** For people who choose one. */
  note: string;
}

const DECLINED: Decline = { code: 'card_declined', declineCode: 'generic_decline', message: 'Your card was declined.' };
const NO_FUNDS: Decline = { code: 'card_declined', declineCode: 'insufficient_funds', message: 'Your card has insufficient funds.' };
const EXPIRED: Decline = { code: 'expired_card', declineCode: null, message: 'Your card has expired.' };
const BAD_CVC: Decline = { code: 'incorrect_cvc', declineCode: null, message: "Your card's security code is incorrect." };
const PROCESSING: Decline = { code: 'processing_error', declineCode: null, message: 'An error occurred while processing your card. Try again in a little bit.' };
const AUTHENTICATION: Decline = { code: 'authentication_required', declineCode: 'authentication_required', message: 'Your card was declined. This transaction requires authentication.' };

const good = (number: string, brand: TestCard['brand'], token: string): TestCard => ({ number, brand, token, onAttach: null, charge: 'succeeds', onCharge: null, note: 'pays' });
const refused = (number: string, token: string, decline: Decline, note: string): TestCard => ({ number, brand: 'visa', token, onAttach: decline, charge: 'declines', onCharge: decline, note });

/** Stripe's test cards, as far as they differ in what they do. */
export const TEST_CARDS: readonly TestCard[] = [
  good('4242424242424242', 'visa', 'pm_card_visa'),
  good('4000056655665556', 'visa', 'pm_card_visa_debit'),
  good('5555555555554444', 'mastercard', 'pm_card_mastercard'),
  good('378282246310005', 'amex', 'pm_card_amex'),
  good('6011111111111117', 'discover', 'pm_card_discover'),
  refused('4000000000000002', 'pm_card_visa_chargeDeclined', DECLINED, 'is declined at once'),
  refused('4000000000009995', 'pm_card_visa_chargeDeclinedInsufficientFunds', NO_FUNDS, 'has insufficient funds'),
  refused('4000000000000069', 'pm_card_chargeDeclinedExpiredCard', EXPIRED, 'has expired'),
  refused('4000000000000127', 'pm_card_chargeDeclinedIncorrectCvc', BAD_CVC, 'has another security code'),
  refused('4000000000000119', 'pm_card_chargeDeclinedProcessingError', PROCESSING, 'meets a processing error'),
  { number: '4000000000000341', brand: 'visa', token: 'pm_card_chargeCustomerFail', onAttach: null, charge: 'declines', onCharge: DECLINED, note: 'is accepted, and declined when it is charged' },
  { number: '4000002760003184', brand: 'visa', token: 'pm_card_authenticationRequired', onAttach: null, charge: 'needs_authentication', onCharge: AUTHENTICATION, note: 'asks for authentication at each charge' },
];

/** The card with this number (spaces are ignored). @throws StripeError for any other: real numbers have no place here. */
export function cardByNumber(number: string): TestCard {
  const digits = number.replaceAll(/[\s-]/g, '');
  const card = TEST_CARDS.find((known) => known.number === digits);
  if (card === undefined) throw StripeError.card('Your card number is incorrect. This is a simulation: use one of the test cards.', { code: 'incorrect_number', param: 'card[number]' });
  return card;
}

/** By `pm_card_visa` or the older `tok_visa`. */
export function cardByToken(token: string): TestCard | undefined {
  return TEST_CARDS.find((known) => known.token === token || known.token.replace('pm_card_', 'tok_') === token);
}

export function declineError(decline: Decline, details: Record<string, unknown> = {}): StripeError {
  return StripeError.card(decline.message, { code: decline.code, ...(decline.declineCode === null ? {} : { decline_code: decline.declineCode }), ...details });
}
