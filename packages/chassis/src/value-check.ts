import { AppError } from '@iotistic/contracts/errors';
import {
  DEFAULT_LIST_LIMIT,
  JUDGED_BY_USE_CASE,
  LIST_LIMITS,
  type ListLimit,
  MAX_TEXT_CHARACTERS,
} from '@iotistic/contracts/input-limits';
import { textFault } from '@iotistic/contracts/text-rule';
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
} from 'graphql';

/** Looks at one value without making anything of it. */
export type ValueCheck = (value: unknown, findings: Findings) => void;

const MAX_PROBLEMS = 5;
const NAME = /^[_A-Za-z]\w{0,63}$/;
/**
 * An instant as a clock writes it, of a day that each month has: nothing needs to be computed to see that it is one.
 */
const PLAIN_INSTANT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Enough was found: what is left is not looked at. */
class EnoughFound extends Error {}

/**
 * What is wrong with the values of a request, by place and expectation. No value is ever repeated: it may be a secret,
 * or long.
 */
export class Findings {
  readonly problems: string[] = [];
  /** Values that were looked at. */
  values = 0;
  readonly #path: (string | number)[] = [];
  readonly #maxValues: number;

  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  /** Runs checks until enough was found. @throws AppError for what is too much to be looked at. */
  collect(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof EnoughFound)) throw error;
    }
  }

  /** @throws AppError TOO_MANY_VALUES */
  count(values = 1): void {
    this.values += values;
    if (this.values > this.#maxValues)
      throw new AppError('INVALID_INPUT', 'TOO_MANY_VALUES', undefined, { details: { maximum: this.#maxValues } });
  }

  enter(step: string | number): void {
    this.#path.push(step);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Where the check is now: `input.reports[3].sequence`. */
  place(): string {
    return this.#path
      .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
      .join('');
  }

  add(expectation: string): void {
    this.problems.push(`Variable "$${this.place()}": ${expectation}`);
    if (this.problems.length >= MAX_PROBLEMS) throw new EnoughFound();
  }
}

/** The check of this input type. @param place the input field or argument that it is of, for its limits */
export function valueCheckOf(type: GraphQLInputType, place: string): ValueCheck {
  if (isNonNullType(type)) {
    const check = valueCheckOf(type.ofType, place);
    return (value, findings) => {
      if (value === null || value === undefined)
        findings.add(`expected ${String(type)}, got ${value === null ? 'null' : 'nothing'}.`);
      else check(value, findings);
    };
  }
  const check = nullableCheckOf(type, place);
  return (value, findings) => {
    if (value !== null && value !== undefined) check(value, findings);
  };
}

function nullableCheckOf(type: GraphQLInputType, place: string): ValueCheck {
  if (isListType(type))
    return listCheck(valueCheckOf(type.ofType as GraphQLInputType, place), LIST_LIMITS[place] ?? DEFAULT_LIST_LIMIT);
  if (isInputObjectType(type)) return objectCheck(type);
  return leafCheck(type as GraphQLLeafType, place);
}

function listCheck(check: ValueCheck, { maximum, reason }: ListLimit): ValueCheck {
  return (value, findings) => {
    // One value is taken for a list of it.
    if (!Array.isArray(value)) return check(value, findings);
    if (value.length > maximum) throw new AppError('INVALID_INPUT', reason, undefined, { details: { maximum } });
    for (let index = 0; index < value.length; index += 1) {
      findings.enter(index);
      check(value[index], findings);
      findings.leave();
    }
  };
}

function objectCheck(type: GraphQLInputObjectType): ValueCheck {
  let fields: [name: string, check: ValueCheck, isRequired: boolean][] | null = null;
  // Made at its first use, since an input may lead back to itself.
  const fieldsOf = (): NonNullable<typeof fields> =>
    (fields ??= Object.values(type.getFields()).map((field) => [
      field.name,
      valueCheckOf(field.type, `${type.name}.${field.name}`),
      isRequiredInputField(field),
    ]));
  return (value, findings) => {
    if (typeof value !== 'object' || Array.isArray(value)) return findings.add(`expected an object, ${type.name}.`);
    const given = value as Record<string, unknown>;
    let known = 0;
    findings.count();
    for (const [name, check, isRequired] of fieldsOf()) {
      const own = Object.hasOwn(given, name) ? given[name] : undefined;
      if (own !== undefined) known += 1;
      else if (!isRequired) continue;
      findings.enter(name);
      check(own, findings);
      findings.leave();
    }
    checkNames(given, known, type, findings);
  };
}

function checkNames(
  given: Record<string, unknown>,
  known: number,
  type: GraphQLInputObjectType,
  findings: Findings,
): void {
  const names = Object.keys(given);
  if (names.length === known) return;
  findings.count(names.length - known);
  for (const name of names) {
    if (Object.hasOwn(type.getFields(), name)) continue;
    findings.add(`${type.name} has no field ${NAME.test(name) ? `"${name}"` : 'of such a name'}.`);
    return;
  }
}

function leafCheck(type: GraphQLLeafType, place: string): ValueCheck {
  const isValue = leafTest(type);
  const [owner = ''] = place.split('.');
  const isText =
    isScalarType(type) &&
    (type.name === 'String' || type.name === 'ID') &&
    !JUDGED_BY_USE_CASE.has(place) &&
    !JUDGED_BY_USE_CASE.has(owner);
  return (value, findings) => {
    findings.count();
    if (!isValue(value)) findings.add(`expected ${type.name}.`);
    else if (isText && typeof value === 'string') checkText(value, findings.place());
    else if (typeof value === 'object') checkTexts(value, findings);
  };
}

/** @throws AppError INVALID_TEXT for a text that no field of ours takes, with its place and never with itself. */
export function checkText(text: string, place: string): void {
  const fault = textFault(text);
  if (fault === null) return;
  const limit = text.length > MAX_TEXT_CHARACTERS ? { maximum: MAX_TEXT_CHARACTERS } : {};
  throw new AppError('INVALID_INPUT', 'INVALID_TEXT', `The text at ${place} ${fault}.`, {
    details: { path: place, ...limit },
  });
}

/** The same of every text, and every name, within a value of JSON. */
function checkTexts(value: unknown, findings: Findings): void {
  if (typeof value === 'string') return checkText(value, findings.place());
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    findings.count();
    checkText(key, findings.place());
    findings.enter(Array.isArray(value) ? Number(key) : NAME.test(key) ? key : '…');
    checkTexts(each, findings);
    findings.leave();
  }
}

/** Whether a value of JSON is one of this type. */
export function leafTest(type: GraphQLLeafType): (value: unknown) => boolean {
  if (isEnumType(type)) return (value) => typeof value === 'string' && type.getValue(value) !== undefined;
  switch (type.name) {
    case 'ID':
      return (value) => typeof value === 'string' || Number.isInteger(value);
    case 'String':
      return (value) => typeof value === 'string';
    case 'Boolean':
      return (value) => typeof value === 'boolean';
    case 'Int':
      return (value) =>
        Number.isInteger(value) && Math.abs(value as number) <= 2_147_483_647 + ((value as number) < 0 ? 1 : 0);
    case 'Float':
      return (value) => Number.isFinite(value);
    case 'DateTime':
      return (value) => (typeof value === 'string' && PLAIN_INSTANT.test(value)) || parses(type, value);
    default:
      return (value) => parses(type, value);
  }
}

const MAX_PARSED_CHARACTERS = 1_000;

function parses(type: GraphQLLeafType, value: unknown): boolean {
  // Its own words about what it does not take repeat it.
  if (typeof value === 'string' && value.length > MAX_PARSED_CHARACTERS) return false;
  try {
    const parsed: unknown = type.parseValue(value);
    return parsed !== undefined && !Number.isNaN(parsed);
  } catch {
    return false;
  }
}
