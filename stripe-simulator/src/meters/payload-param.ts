import { z } from 'zod';

/** Texts by name, as a meter's event carries them. */
export function payload(): z.ZodType<Record<string, string>> {
  return z.unknown().transform((value, ctx): Record<string, string> => {
    const isHash = typeof value === 'object' && value !== null && !Array.isArray(value);
    const wrong = isHash ? Object.entries(value).find(([, field]) => typeof field !== 'string' || field.length > 500) : null;
    if (isHash && wrong === undefined) return { ...(value as Record<string, string>) };
    const message = wrong ? `Invalid string: {param}[${wrong[0]}] must be a string` : 'Invalid object';
    ctx.issues.push({ code: 'custom', input: value, message, params: { code: wrong ? 'parameter_invalid_string' : 'parameter_invalid_object' } });
    return z.NEVER;
  });
}
