/** Stripe's amounts in these are whole units; ISK and UGX are not among them, which it takes with two places. */
const WITHOUT_PLACES = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const WITH_THREE_PLACES = new Set('BHD JOD KWD OMR TND'.split(' '));
const MOST_PLACES = 6;

/** `$29.00`, and as many places more as the amount has. @param minor in the currency's minor unit, decimals among them */
export function moneyText(minor: number | string, currency: string): string {
  const code = currency.toUpperCase();
  const places = WITHOUT_PLACES.has(code) ? 0 : WITH_THREE_PLACES.has(code) ? 3 : 2;
  const format = { style: 'currency', currency: code, minimumFractionDigits: places, maximumFractionDigits: MOST_PLACES } as const;
  return new Intl.NumberFormat('en-US', format).format(Number(minor) / 10 ** places);
}
