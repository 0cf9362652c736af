/** Stripe's amounts in these are whole units. ISK and UGX are not among them: it takes those with two places. */
const WITHOUT_PLACES: ReadonlySet<string> = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const WITH_THREE_PLACES: ReadonlySet<string> = new Set('BHD JOD KWD OMR TND'.split(' '));

/**
 * How many decimal places an amount of ours has in its currency: 2900 USD is 29.00, 2900 JPY is 2900. As Stripe counts,
 * whose amounts ours are; a locale's own habit (no places for the Serbian dinar) is not asked.
 * @param currency three letters (ISO 4217), of either case
 */
export function minorUnitPlaces(currency: string): 0 | 2 | 3 {
  const code = currency.toUpperCase();
  return WITHOUT_PLACES.has(code) ? 0 : WITH_THREE_PLACES.has(code) ? 3 : 2;
}
