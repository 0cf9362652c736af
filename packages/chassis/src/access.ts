import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { RootRule } from '@iotistic/contracts/root-fields';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema, isIntrospectionType, isObjectType } from 'graphql';

/** May this caller see this field of this source with these arguments? Throws the refusal. */
export interface Guard {
  readonly name: string;
  /** Which callers it refuses whatever the arguments are: on a root field that is known before any variable is read. */
  readonly rule: RootRule;
  check: ((caller: Caller, source: never, args: never) => void) | null;
}

/** `Type.field`, or `Type` for all its fields that have no rule of their own. What has no rule does not start. */
export type AccessTable = Readonly<Record<string, Guard>>;

function refuse(caller: Caller, reason: 'ADMIN_ONLY' | 'USER_ONLY' | 'INSTANCE_ONLY' | 'NOT_FOR_INSTANCES'): never {
  if (caller.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
  throw new AppError('FORBIDDEN', reason);
}

/**
 * Refuses whom the rule never lets through. @throws AppError UNAUTHENTICATED, FORBIDDEN; NOT_FOUND for what is the
 * gateway's.
 */
export function refuseByRule(rule: RootRule, caller: Caller): void {
  if (rule === 'anyone') return;
  if (rule === 'gateway') {
    if (caller.kind !== 'gateway') throw new AppError('NOT_FOUND', 'OBJECT_NOT_FOUND');
    return;
  }
  if (caller.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
  if (rule === 'people' && caller.kind === 'instance') refuse(caller, 'NOT_FOR_INSTANCES');
  if (rule === 'admin' && caller.kind !== 'admin') refuse(caller, 'ADMIN_ONLY');
  if (rule === 'user' && caller.kind !== 'user') refuse(caller, 'USER_ONLY');
  if (rule === 'instance' && caller.kind !== 'instance') refuse(caller, 'INSTANCE_ONLY');
}

function byRule(name: string, rule: RootRule): Guard {
  return { name, rule, check: (caller) => refuseByRule(rule, caller) };
}

/** Whoever asks, also without a credential. */
export const anyone: Guard = { name: 'anyone', rule: 'anyone', check: null };

/** Reached only through a field that was checked: says that this was thought of. */
export const inherit: Guard = { name: 'inherit', rule: 'anyone', check: null };

export const adminOnly = byRule('adminOnly', 'admin');
export const userOnly = byRule('userOnly', 'user');
export const instanceOnly = byRule('instanceOnly', 'instance');

/** People, whose use case then looks whether the object is theirs: only it knows whose it is. */
export const people = byRule('people', 'people');

/** The gateway itself, for what no client may ask. */
export const gatewayOnly = byRule('gatewayOnly', 'gateway');

type CustomerIdOf = (source: never, args: never) => string | null | undefined;

/** Admins, and the customer's own users and instances. Another tenant's object does not exist (SPEC 3). */
export function tenant(customerIdOf: CustomerIdOf): Guard {
  return {
    name: 'tenant',
    rule: 'credential',
    check: (caller, source, args) => checkTenant(caller, customerIdOf(source, args)),
  };
}

/** Admins, and the customer's own users: an instance may not. */
export function members(customerIdOf: CustomerIdOf): Guard {
  return {
    name: 'members',
    rule: 'credential',
    check(caller, source, args) {
      checkTenant(caller, customerIdOf(source, args));
      if (caller.kind === 'instance') refuse(caller, 'NOT_FOR_INSTANCES');
    },
  };
}

/** @throws AppError NOT_FOUND for another tenant's object, UNAUTHENTICATED without a credential. */
export function checkTenant(caller: Caller, customerId: string | null | undefined): void {
  if (caller.kind === 'admin') return;
  if (caller.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
  if ((caller.kind === 'user' || caller.kind === 'instance') && caller.customerId === customerId) return;
  throw new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND');
}

/** Whether the caller may know of this customer: for reference resolvers, which answer null and throw nothing. */
export function maySee(caller: Caller, customerId: string): boolean {
  return caller.kind === 'admin' || ((caller.kind === 'user' || caller.kind === 'instance') && caller.customerId === customerId);
}

/** Federation's own entrances: what they lead to is checked field by field. */
const FEDERATION_FIELDS = new Set(['Query._entities', 'Query._service', '_Service.sdl']);

/**
 * Puts each field behind its rule.
 * @throws Error that names every field without a rule, and every rule without a field: default-deny.
 */
export function applyAccess(schema: GraphQLSchema, table: AccessTable): void {
  const unused = new Set(Object.keys(table));
  const missing: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      if (FEDERATION_FIELDS.has(name)) continue;
      const key = Object.hasOwn(table, name) ? name : type.name;
      const guard = Object.hasOwn(table, key) ? table[key] : undefined;
      unused.delete(key);
      if (guard === undefined) missing.push(name);
      else if (guard.check !== null) {
        if (field.subscribe !== undefined) field.subscribe = guarded(guard.check, field.subscribe);
        else field.resolve = guarded(guard.check, field.resolve ?? defaultFieldResolver);
      }
    }
  }
  const problems = [...missing.map((name) => `${name} has no access rule`), ...[...unused].map((name) => `the access rule ${name} is of no field`)];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function guarded(check: NonNullable<Guard['check']>, resolve: GraphQLFieldResolver<unknown, { caller: Caller }>): GraphQLFieldResolver<unknown, { caller: Caller }> {
  return (source, args, context, info) => {
    check(context.caller, source as never, args as never);
    return resolve(source, args, context, info);
  };
}
