import type { StripeObject } from './store.ts';
import { StripeError } from './stripe-error.ts';

const TERM = /^(-?)([\w.]+(?:\["[^"]+"\]|\['[^']+'\])?)\s*(:|~|>=|<=|>|<)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|null|[\d.]+)$/;

/**
 * Stripe's search language: `email:'a@b.c' AND metadata['key']:'x'`, `name~'part'`, `created>1700000000`, `-active:'true'`,
 * joined by AND or by OR.
 * @throws StripeError when it cannot be read.
 */
export function searchTest(query: string): (object: StripeObject) => boolean {
  const [terms, joint] = splitTerms(query);
  const tests = terms.map(termTest);
  return (object) => (joint === 'OR' ? tests.some((test) => test(object)) : tests.every((test) => test(object)));
}

function splitTerms(query: string): [terms: string[], joint: 'AND' | 'OR'] {
  const parts = query.split(/\s+(AND|OR)\s+(?=(?:[^'"]|'[^']*'|"[^"]*")*$)/);
  const joints = new Set(parts.filter((_, index) => index % 2 === 1));
  if (joints.size > 1) throw StripeError.invalid('You cannot combine AND and OR in the same query.', { param: 'query' });
  return [parts.filter((_, index) => index % 2 === 0), joints.has('OR') ? 'OR' : 'AND'];
}

function termTest(term: string): (object: StripeObject) => boolean {
  const [, sign, field = '', operator = '', literal = ''] = TERM.exec(term.trim()) ?? [];
  if (field === '') throw StripeError.invalid(`We were unable to parse your search query: ${term}`, { param: 'query' });
  const wanted = /^['"]/.test(literal) ? literal.slice(1, -1).replaceAll(/\\(.)/g, '$1') : literal;
  const names = field.split(/\.|\[['"]|['"]\]/).filter((name) => name !== '');
  return (object) => {
    const value = names.reduce<unknown>((below, name) => (typeof below === 'object' && below !== null ? (below as Record<string, unknown>)[name] : undefined), object) ?? null;
    return compares(value, operator, wanted, literal === 'null') !== (sign === '-');
  };
}

function compares(value: unknown, operator: string, wanted: string, isNull: boolean): boolean {
  if (value === null) return isNull;
  switch (operator) {
    case ':':
      return textOf(value) === wanted.toLowerCase();
    case '~':
      return textOf(value).includes(wanted.toLowerCase());
    case '>':
      return Number(value) > Number(wanted);
    case '<':
      return Number(value) < Number(wanted);
    case '>=':
      return Number(value) >= Number(wanted);
    default:
      return Number(value) <= Number(wanted);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? '' : String(value as string | number | boolean).toLowerCase();
}
