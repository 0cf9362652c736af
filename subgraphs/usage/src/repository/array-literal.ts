/** A column of values as PostgreSQL writes an array: one parameter, without the driver's quoting of each element. */
export function arrayLiteral(values: readonly (number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join()}}`;
}

/** The same for our own ids and keys: letters, digits, `_` and `-` only, which need no quotes. */
export function idArrayLiteral(values: readonly string[]): string {
  if (values.some((value) => !/^[\w-]+$/.test(value))) throw new TypeError('not an id');
  return `{${values.join()}}`;
}

/** The same for hashes in hex digits, some of which may be missing. */
export function nullableHexLiteral(values: readonly (string | null)[]): string {
  if (values.some((value) => value !== null && !/^[0-9a-f]+$/.test(value))) throw new TypeError('not a hash');
  return `{${values.map((value) => value ?? 'NULL').join()}}`;
}
