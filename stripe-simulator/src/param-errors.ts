import type { z } from 'zod';
import { StripeError } from './stripe-error.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** How Stripe refuses parameters: one thing at a time, unknown ones first, then missing ones, then wrong ones. */
export function refusalOf(error: z.ZodError, raw: unknown): StripeError {
  const issues = error.issues.flatMap((issue) => innermost(issue, []));
  const unknown = issues.flatMap(({ issue, path }) => (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => nameOf([...path, key])) : []));
  if (unknown.length > 0) return StripeError.invalid(`Received unknown parameter${unknown.length > 1 ? 's' : ''}: ${unknown.join(', ')}`, { code: 'parameter_unknown', param: unknown[0] as string });
  const missing = issues.find(({ path }) => valueAt(raw, path) === undefined);
  if (missing !== undefined) return StripeError.invalid(`Missing required param: ${nameOf(missing.path)}.`, { code: 'parameter_missing', param: nameOf(missing.path) });
  const [first] = issues;
  return first === undefined ? StripeError.invalid('Invalid parameters.') : wrong(first.issue, nameOf(first.path));
}

function wrong(issue: Issue, param: string): StripeError {
  const code = issue.code === 'custom' ? String(issue.params?.['code'] ?? 'parameter_invalid') : shapeCode(issue);
  const message = issue.code === 'custom' || issue.message === 'Invalid array' ? issue.message : shapeText(issue);
  return StripeError.invalid(message.replaceAll('{param}', param), { code, param });
}

function shapeCode(issue: Issue): string {
  return issue.code === 'invalid_type' && issue.expected === 'array' ? 'parameter_invalid_array' : 'parameter_invalid_object';
}

function shapeText(issue: Issue): string {
  if (issue.code === 'invalid_type') return issue.expected === 'object' ? 'Invalid object' : `Invalid ${issue.expected}`;
  return issue.message;
}

/** Of a union, what the alternative says that came furthest; else what the last one says. */
function innermost(issue: Issue, above: Path): { issue: Issue; path: Path }[] {
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union') return [{ issue, path }];
  const alternatives = issue.errors.map((issues) => issues.flatMap((inner) => innermost(inner, path)));
  const shaped = alternatives.filter((found) => !found.some((inner) => inner.path.length === path.length && inner.issue.code === 'invalid_type'));
  const candidates = shaped.length > 0 ? shaped : alternatives;
  const deepest = candidates.reduce<{ issue: Issue; path: Path }[]>((best, found) => (depthOf(found) >= depthOf(best) ? found : best), []);
  return deepest.length > 0 ? deepest : [{ issue, path }];
}

function depthOf(issues: readonly { path: Path }[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[name] : undefined), raw);
}

/** `items[0][price]` */
export function nameOf(path: Path): string {
  return path.map((name, index) => (index === 0 ? String(name) : `[${String(name)}]`)).join('');
}
