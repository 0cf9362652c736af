import { noCallStore } from '@iotistic/chassis/call-budgets';
import { createLog } from '@iotistic/chassis/log';
import type { Caller } from '@iotistic/contracts/caller';
import { createTestClock } from '@iotistic/testkit/clock';
import { describe, expect, it } from 'vitest';
import { createCustomerBudget, type CustomerBudget } from './customer-budget.ts';

const log = createLog({ level: 'silent', name: 'test' });
const userOf = (customerId: string): Caller => ({ kind: 'user', customerId, userId: 'user_1', sessionId: 'sess_1' });
const instanceOf = (customerId: string): Caller => ({ kind: 'instance', customerId, credential: 'api_key', credentialId: 'akey_1' });
const clock = createTestClock();
const create = (costPerMinute: number): CustomerBudget => createCustomerBudget({ costPerMinute, store: noCallStore, clock, log });

const refusalOf = (error: unknown): unknown => (error as { reason: unknown }).reason;

/** How many operations of that cost are let through, of so many; all others are refused for their rate. */
function letThrough(budget: CustomerBudget, caller: Caller, fields: number, operations: number): number {
  const refusals: unknown[] = [];
  for (let operation = 0; operation < operations; operation += 1) {
    try {
      budget.spend(caller, fields);
    } catch (error) {
      refusals.push(refusalOf(error));
    }
  }
  expect(refusals.filter((reason) => reason !== 'RATE_LIMITED')).toEqual([]);
  return operations - refusals.length;
}

describe('the callers of one customer', () => {
  it('may ask for so many fields together, whatever credentials they use', () => {
    const budget = create(10_000);
    expect(letThrough(budget, userOf('cust_1'), 990, 15)).toBe(15);
    expect(letThrough(budget, instanceOf('cust_1'), 990, 15)).toBe(5);
    expect(letThrough(budget, userOf('cust_2'), 990, 15)).toBe(15);
    clock.advance({ minutes: 1 });
    expect(letThrough(budget, userOf('cust_1'), 990, 15)).toBe(10);
  });

  it('pay for operations that cost nothing, too', () => {
    expect(letThrough(create(100), userOf('cust_1'), 0, 50)).toBe(20);
  });

  it('may ask for the dearest operation that is allowed, where the budget is smaller than it', () => {
    const budget = create(100);
    expect(letThrough(budget, userOf('cust_1'), 20_000, 3)).toBe(1);
    clock.advance({ minutes: 2 });
    expect(letThrough(budget, userOf('cust_1'), 20_000, 3)).toBe(1);
  });
});

it('a refusal says when to come back', () => {
  const budget = create(60);
  budget.spend(userOf('cust_1'), 110);
  const refused = { code: 'LIMIT_EXCEEDED', reason: 'RATE_LIMITED', details: { retryAfterSeconds: 20 } };
  expect(() => budget.spend(userOf('cust_1'), 10)).toThrow(expect.objectContaining(refused) as Error);
});

it('the operator, the gateway itself and strangers have no budget of a customer', () => {
  const budget = create(100);
  for (const caller of [{ kind: 'admin', name: 'operator' }, { kind: 'gateway' }, { kind: 'anonymous' }] as const) {
    expect(letThrough(budget, caller, 20_000, 10)).toBe(10);
  }
});

it('0 is no limit', () => {
  expect(letThrough(create(0), userOf('cust_1'), 20_000, 1_000)).toBe(1_000);
});
