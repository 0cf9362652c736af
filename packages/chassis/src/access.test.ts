import type { Caller } from '@iotistic/contracts/caller';
import { buildSchema, graphql } from 'graphql';
import { describe, expect, it } from 'vitest';
import { adminOnly, anyone, applyAccess, gatewayOnly, type Guard, inherit, instanceOnly, maySee, members, tenant, userOnly } from './access.ts';

const CALLERS = {
  anonymous: { kind: 'anonymous' },
  admin: { kind: 'admin', name: 'operator' },
  ownUser: { kind: 'user', customerId: 'cust_1', userId: 'user_1', sessionId: 'sess_1' },
  foreignUser: { kind: 'user', customerId: 'cust_2', userId: 'user_2', sessionId: 'sess_2' },
  ownInstance: { kind: 'instance', customerId: 'cust_1', credential: 'api_key', credentialId: 'akey_1' },
  foreignInstance: { kind: 'instance', customerId: 'cust_2', credential: 'license', credentialId: 'lic_2' },
  gateway: { kind: 'gateway' },
} satisfies Record<string, Caller>;
type Who = keyof typeof CALLERS;

function answerOf(guard: Guard, who: Who): string {
  try {
    guard.check?.(CALLERS[who], { id: 'cust_1' } as never, {} as never);
    return 'yes';
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}

const own = (source: { id: string }): string => source.id;
const TABLE: [guard: Guard, answers: Record<Who, string>][] = [
  [anyone, { anonymous: 'yes', admin: 'yes', ownUser: 'yes', foreignUser: 'yes', ownInstance: 'yes', foreignInstance: 'yes', gateway: 'yes' }],
  [adminOnly, { anonymous: 'CREDENTIAL_REQUIRED', admin: 'yes', ownUser: 'ADMIN_ONLY', foreignUser: 'ADMIN_ONLY', ownInstance: 'ADMIN_ONLY', foreignInstance: 'ADMIN_ONLY', gateway: 'ADMIN_ONLY' }],
  [userOnly, { anonymous: 'CREDENTIAL_REQUIRED', admin: 'USER_ONLY', ownUser: 'yes', foreignUser: 'yes', ownInstance: 'USER_ONLY', foreignInstance: 'USER_ONLY', gateway: 'USER_ONLY' }],
  [instanceOnly, { anonymous: 'CREDENTIAL_REQUIRED', admin: 'INSTANCE_ONLY', ownUser: 'INSTANCE_ONLY', foreignUser: 'INSTANCE_ONLY', ownInstance: 'yes', foreignInstance: 'yes', gateway: 'INSTANCE_ONLY' }],
  [gatewayOnly, { anonymous: 'OBJECT_NOT_FOUND', admin: 'OBJECT_NOT_FOUND', ownUser: 'OBJECT_NOT_FOUND', foreignUser: 'OBJECT_NOT_FOUND', ownInstance: 'OBJECT_NOT_FOUND', foreignInstance: 'OBJECT_NOT_FOUND', gateway: 'yes' }],
  [tenant(own as never), { anonymous: 'CREDENTIAL_REQUIRED', admin: 'yes', ownUser: 'yes', foreignUser: 'CUSTOMER_NOT_FOUND', ownInstance: 'yes', foreignInstance: 'CUSTOMER_NOT_FOUND', gateway: 'CUSTOMER_NOT_FOUND' }],
  [members(own as never), { anonymous: 'CREDENTIAL_REQUIRED', admin: 'yes', ownUser: 'yes', foreignUser: 'CUSTOMER_NOT_FOUND', ownInstance: 'NOT_FOR_INSTANCES', foreignInstance: 'CUSTOMER_NOT_FOUND', gateway: 'CUSTOMER_NOT_FOUND' }],
];

describe('each guard answers each caller', () => {
  it.each(TABLE)('$0.name', (guard, answers) => {
    expect(Object.fromEntries((Object.keys(CALLERS) as Who[]).map((who) => [who, answerOf(guard, who)]))).toEqual(answers);
  });

  it('maySee says the same without throwing', () => {
    expect(maySee(CALLERS.admin, 'cust_1')).toBe(true);
    expect(maySee(CALLERS.ownUser, 'cust_1')).toBe(true);
    expect(maySee(CALLERS.foreignInstance, 'cust_1')).toBe(false);
    expect(maySee(CALLERS.anonymous, 'cust_1')).toBe(false);
    expect(maySee(CALLERS.gateway, 'cust_1')).toBe(false);
  });
});

describe('a schema behind its rules', () => {
  const build = (): ReturnType<typeof buildSchema> => buildSchema('type Query { open: String secret: Thing } type Thing { a: String b: String }');

  it('does not start while a field has no rule', () => {
    expect(() => applyAccess(build(), { 'Query.open': anyone, Thing: inherit })).toThrow('Query.secret has no access rule');
  });

  it('does not start with a rule of no field', () => {
    expect(() => applyAccess(build(), { Query: anyone, Thing: inherit, 'Thing.c': adminOnly })).toThrow('the access rule Thing.c is of no field');
  });

  it('lets a rule of a field go before that of its type', async () => {
    const schema = build();
    applyAccess(schema, { Query: anyone, Thing: inherit, 'Thing.b': adminOnly });
    const rootValue = { secret: { a: '1', b: '2' } };
    const asUser = await graphql({ schema, source: '{ secret { a b } }', rootValue, contextValue: { caller: CALLERS.ownUser } });
    expect(asUser).toMatchObject({ data: { secret: { a: '1', b: null } }, errors: [{ path: ['secret', 'b'] }] });
    const asAdmin = await graphql({ schema, source: '{ secret { a b } }', rootValue, contextValue: { caller: CALLERS.admin } });
    expect(asAdmin).toEqual({ data: { secret: { a: '1', b: '2' } } });
  });
});
