import { expect, it } from 'vitest';
import { actionOf } from './license-action.ts';

const grant = { plan: 'STARTER' as const, features: { canExportData: true, hasOtaUpdates: false }, limits: { maxDevices: 10, maxUsers: 5 }, expiresAt: new Date('2026-12-01T00:00:00.000Z') };

it.each([
  ['the first', null, grant, 'GENERATED'],
  ['the same again', grant, grant, 'RENEWED'],
  ['a later end', grant, { ...grant, expiresAt: new Date('2027-01-01T00:00:00.000Z') }, 'RENEWED'],
  ['an earlier end', grant, { ...grant, expiresAt: new Date('2026-11-01T00:00:00.000Z') }, 'DOWNGRADED'],
  ['a larger plan', grant, { ...grant, plan: 'PROFESSIONAL' as const }, 'UPGRADED'],
  ['a larger plan with an earlier end', grant, { ...grant, plan: 'ENTERPRISE' as const, expiresAt: new Date('2026-11-01T00:00:00.000Z') }, 'UPGRADED'],
  ['a smaller plan', grant, { ...grant, plan: 'TRIAL' as const }, 'DOWNGRADED'],
  ['one feature more', grant, { ...grant, features: { canExportData: true, hasOtaUpdates: true } }, 'UPGRADED'],
  ['a feature that was not named before', grant, { ...grant, features: { ...grant.features, hasNews: true } }, 'UPGRADED'],
  ['one feature less', grant, { ...grant, features: { canExportData: false, hasOtaUpdates: false } }, 'DOWNGRADED'],
  ['one feature more and one limit less', grant, { ...grant, features: { canExportData: true, hasOtaUpdates: true }, limits: { maxDevices: 9, maxUsers: 5 } }, 'DOWNGRADED'],
  ['a limit that fell away', grant, { ...grant, limits: { maxDevices: null, maxUsers: 5 } }, 'UPGRADED'],
  ['unlimited as before', { ...grant, limits: { maxDevices: null } }, { ...grant, limits: { maxDevices: null } }, 'RENEWED'],
])('%s', (_name, previous, next, action) => {
  expect(actionOf(previous, next)).toBe(action);
});
