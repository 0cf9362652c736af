type Values = Map<string, Set<string>>;

/** Ids by the value of a field (`parent.subscription` looks inside); made when first asked for, kept from then on. */
export class RecordIndex {
  readonly #byField = new Map<string, Map<string, Values>>();

  find(collection: string, field: string, value: string, entries: () => Iterable<{ record: { id: string } }>): Iterable<string> {
    const fields = this.#byField.get(collection) ?? new Map<string, Values>();
    this.#byField.set(collection, fields);
    let values = fields.get(field);
    if (values === undefined) {
      values = new Map();
      fields.set(field, values);
      for (const { record } of entries()) add(values, fieldOf(record, field), record.id);
    }
    return values.get(value) ?? [];
  }

  change(collection: string, before: { id: string } | undefined, after: { id: string } | undefined): void {
    for (const [field, values] of this.#byField.get(collection) ?? []) {
      const [old, fresh] = [before && fieldOf(before, field), after && fieldOf(after, field)];
      if (old === fresh) continue;
      if (before !== undefined && typeof old === 'string') drop(values, old, before.id);
      if (after !== undefined) add(values, fresh, after.id);
    }
  }

  clear(): void {
    this.#byField.clear();
  }
}

function fieldOf(record: object, field: string): unknown {
  return field.split('.').reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined), record);
}

function add(values: Values, value: unknown, id: string): void {
  if (typeof value !== 'string') return;
  const ids = values.get(value);
  if (ids === undefined) values.set(value, new Set([id]));
  else ids.add(id);
}

function drop(values: Values, value: string, id: string): void {
  const ids = values.get(value);
  ids?.delete(id);
  if (ids?.size === 0) values.delete(value);
}
