import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { expressGuards } from './express.ts';
import { fastifyGuards } from './fastify.ts';
import { type Feature, FEATURES as FEATURE_NAMES, type Limit, UnknownGuardNameError } from './guard-names.ts';
import { checkActiveSubscription, checkDeviceLimit, checkFeature, checkLimit, type GuardContext } from './guard-rules.ts';
import { createGuards, type GuardedAgent, LicenseRefusedError } from './guards.ts';
import { KEEPER_STATES, type KeeperState } from './license-states.ts';
import { UNLICENSED_FEATURES } from './license-view.ts';

const PROFESSIONAL = { maxDevices: 50, canExportData: true, canScheduleJobs: true, hasOtaUpdates: true, canExecuteJobs: true, hasRemoteAccess: true, hasApiAccess: true, hasMqttAccess: true, hasAdvancedAlerts: true, hasCustomDashboards: true, hasCustomBranding: false };
const CALENDAR = { expiresAt: '2026-12-20T00:00:00.000Z', graceUntil: '2026-12-27T00:00:00.000Z', readOnlyFrom: '2026-12-27T00:00:00.000Z', unlicensedFrom: '2027-01-10T00:00:00.000Z' };

/** As the agent tells it: past the calendar, and without a license, the unlicensed features. */
function contextOf(state: KeeperState, changes: Partial<GuardContext> = {}): GuardContext & { calendar: typeof CALENDAR | null } {
  const counts = state !== 'unlicensed' && state !== 'expired';
  return { state, plan: state === 'unlicensed' ? null : 'professional', status: state === 'unlicensed' ? null : 'active', features: counts ? PROFESSIONAL : UNLICENSED_FEATURES, limits: counts ? { maxUsers: 15, maxAlertRules: 2_147_483_647 } : {}, upgradeUrl: 'https://console.example/upgrade', ...changes, calendar: state === 'unlicensed' ? null : CALENDAR };
}

const allowed = (verdict: { refusal: unknown }): boolean => verdict.refusal === null;

/** SPEC 4 and 6, cell by cell: licensed, grace, read-only, expired, unlicensed. */
const FEATURES: Record<string, Record<KeeperState, boolean>> = {
  canExecuteJobs: { licensed: true, grace: true, 'read-only': true, expired: true, unlicensed: true },
  hasRemoteAccess: { licensed: true, grace: true, 'read-only': true, expired: true, unlicensed: true },
  hasApiAccess: { licensed: true, grace: true, 'read-only': true, expired: false, unlicensed: false },
  hasMqttAccess: { licensed: true, grace: true, 'read-only': true, expired: false, unlicensed: false },
  hasAdvancedAlerts: { licensed: true, grace: true, 'read-only': true, expired: false, unlicensed: false },
  canExportData: { licensed: true, grace: true, 'read-only': false, expired: false, unlicensed: false },
  canScheduleJobs: { licensed: true, grace: true, 'read-only': false, expired: false, unlicensed: false },
  hasOtaUpdates: { licensed: true, grace: true, 'read-only': false, expired: false, unlicensed: false },
  hasCustomDashboards: { licensed: true, grace: true, 'read-only': false, expired: false, unlicensed: false },
  hasCustomBranding: { licensed: false, grace: false, 'read-only': false, expired: false, unlicensed: false },
  noSuchFeature: { licensed: false, grace: false, 'read-only': false, expired: false, unlicensed: false },
};

describe('the rules', () => {
  for (const state of KEEPER_STATES) {
    it.each(Object.keys(FEATURES))(`${state}: %s`, (feature) => {
      expect(allowed(checkFeature(contextOf(state), feature))).toBe(FEATURES[feature]?.[state]);
    });

    it(`${state}: devices, users and the subscription`, () => {
      const works = state === 'licensed' || state === 'grace';
      expect([49, 50].map((count) => allowed(checkDeviceLimit(contextOf(state), count)))).toEqual([works, false]);
      expect(allowed(checkDeviceLimit(contextOf(state), 1))).toBe(state !== 'read-only');
      expect([14, 15].map((count) => allowed(checkLimit(contextOf(state), 'maxUsers', count)))).toEqual([works, false]);
      expect(allowed(checkActiveSubscription(contextOf(state)))).toBe(works);
    });
  }

  it('unlimited is no number that can be reached, and a limit that no license names is none', () => {
    expect(allowed(checkLimit(contextOf('licensed'), 'maxAlertRules', 2_147_483_647))).toBe(true);
    expect(allowed(checkDeviceLimit(contextOf('licensed', { features: { maxDevices: 2_147_483_647 } }), 5_000_000))).toBe(true);
    expect(allowed(checkLimit(contextOf('licensed'), 'maxWishes', 0))).toBe(false);
  });

  it('a past-due or ended subscription works through the grace of its license, and not beyond', () => {
    for (const status of ['past_due', 'canceled', 'unpaid']) expect(allowed(checkActiveSubscription(contextOf('grace', { status })))).toBe(true);
    for (const status of ['canceled', 'unpaid', 'paused']) expect(allowed(checkActiveSubscription(contextOf('licensed', { status })))).toBe(false);
    expect(allowed(checkActiveSubscription(contextOf('read-only', { status: 'past_due' })))).toBe(false);
  });
});

let context = contextOf('licensed');
let counted: () => number | Promise<number> = () => 50;
const agent: GuardedAgent = { licenseStatus: () => context };

describe('as plain functions', () => {
  it('they return nothing, or throw what is to be answered', () => {
    context = contextOf('licensed');
    const guards = createGuards(agent);
    guards.requireFeature('canExportData');
    guards.requireActiveSubscription();
    guards.checkDeviceLimit(49);
    guards.checkLimit('maxUsers', 0);
    expect(() => guards.checkDeviceLimit(50)).toThrow(LicenseRefusedError);
    expect(() => guards.requireFeature('hasCustomBranding')).toThrow('Your professional plan does not include hasCustomBranding');
  });
});

describe('a typing error in a guard', () => {
  // As plain JavaScript would call them.
  const feature = (name: string): Feature => name as Feature;
  const limit = (name: string): Limit => name as Limit;
  const makers = { Express: expressGuards(agent), Fastify: fastifyGuards(agent), plain: createGuards(agent) };

  it.each(Object.keys(makers) as (keyof typeof makers)[])('%s: fails where the guard is made, with the names that there are', (kind) => {
    const guards = makers[kind] as ReturnType<typeof expressGuards>;
    expect(() => guards.requireFeature(feature('canFly'))).toThrow(/^There is no feature "canFly". There are: canExportData, .*hasCustomBranding$/);
    expect(() => guards.requireFeature(undefined as never)).toThrow(UnknownGuardNameError);
    expect(() => guards.checkLimit(limit('maxWishes'), () => 0)).toThrow('There is no limit "maxWishes". There are: maxUsers, maxAlertRules, maxDashboards, maxJobTemplates');
    // Devices have a guard of their own.
    expect(() => guards.checkLimit(limit('maxDevices'), () => 0)).toThrow(UnknownGuardNameError);
  });

  it('does not even compile', () => {
    expectTypeOf(makers.Express.requireFeature).parameter(0).toEqualTypeOf<(typeof FEATURE_NAMES)[number]>();
    expectTypeOf(makers.plain.checkLimit).parameter(0).toEqualTypeOf<'maxUsers' | 'maxAlertRules' | 'maxDashboards' | 'maxJobTemplates'>();
    expectTypeOf<'canFly'>().not.toExtend<Parameters<typeof makers.plain.requireFeature>[0]>();
  });

  it('and a number in the place of a function that counts is one too', () => {
    const three = 3 as never;
    for (const guards of [makers.Express, makers.Fastify]) {
      expect(() => guards.checkDeviceLimit(three)).toThrow(TypeError);
      expect(() => guards.checkLimit('maxUsers', three)).toThrow(TypeError);
    }
  });

  it.each([NaN, -1, 1.5, Infinity, undefined as never])('%s is no number of what exists, and is refused as such', (count) => {
    context = contextOf('licensed');
    expect(() => makers.plain.checkDeviceLimit(count)).toThrow(RangeError);
    expect(() => makers.plain.checkLimit('maxUsers', count)).toThrow(RangeError);
  });

  it('every plan names each feature: the list is theirs', () => {
    expect([...FEATURE_NAMES].toSorted()).toEqual(Object.keys(PROFESSIONAL).filter((name) => name !== 'maxDevices').toSorted());
  });
});

interface Frame {
  start(): Promise<string>;
  stop(): Promise<void>;
}

function expressFrame(): Frame {
  const guards = expressGuards(agent);
  const app = express();
  const ok: RequestHandler = (_request, response) => void response.json({ ok: true });
  app.get('/export', guards.requireFeature('canExportData'), ok);
  app.post('/devices', guards.checkDeviceLimit(() => counted()), ok);
  app.post('/users', guards.checkLimit('maxUsers', () => counted()), ok);
  app.get('/account', guards.requireActiveSubscription(), ok);
  app.use(((_error, _request, response, _next) => void response.status(500).json({ error: 'the product\'s own' })) satisfies ErrorRequestHandler);
  let server: Server;
  return {
    start: () =>
      new Promise((resolve) => {
        server = app.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
      }),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function fastifyFrame(): Frame {
  const guards = fastifyGuards(agent);
  const app = fastify();
  const ok = (): { ok: boolean } => ({ ok: true });
  app.get('/export', { preHandler: guards.requireFeature('canExportData') }, ok);
  app.post('/devices', { preHandler: guards.checkDeviceLimit(() => counted()) }, ok);
  app.post('/users', { preHandler: guards.checkLimit('maxUsers', () => counted()) }, ok);
  app.get('/account', { preHandler: guards.requireActiveSubscription() }, ok);
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send({ error: 'the product\'s own' }));
  return { start: () => app.listen({ port: 0, host: '127.0.0.1' }), stop: () => app.close() };
}

describe.each([['Express', expressFrame], ['Fastify', fastifyFrame]] as const)('in %s', (_name, make) => {
  const frame = make();
  let url: string;
  beforeAll(async () => {
    url = await frame.start();
  });
  afterAll(() => frame.stop());

  const ask = async (method: string, path: string): Promise<{ status: number; body: unknown; warning: string | null }> => {
    const response = await fetch(`${url}${path}`, { method });
    return { status: response.status, body: await response.json(), warning: response.headers.get('x-license-warning') };
  };

  it('a device too many is answered as the documents say, with the way to more', async () => {
    context = contextOf('licensed');
    counted = () => Promise.resolve(50);
    expect(await ask('POST', '/devices')).toEqual({
      status: 403,
      warning: null,
      body: {
        error: 'Device limit exceeded',
        message: 'Your professional plan allows a maximum of 50 devices. You currently have 50 active devices. Please upgrade your plan to add more devices.',
        details: { currentDevices: 50, maxDevices: 50, plan: 'professional' },
        upgradeUrl: 'https://console.example/upgrade',
      },
    });
    counted = () => 49;
    expect(await ask('POST', '/devices')).toEqual({ status: 200, warning: null, body: { ok: true } });
  });

  it('in grace everything works, with a warning; read-only makes nothing new', async () => {
    counted = () => 3;
    context = contextOf('grace');
    for (const [method, path] of [['GET', '/export'], ['POST', '/devices'], ['POST', '/users'], ['GET', '/account']] as const) expect(await ask(method, path)).toMatchObject({ status: 200, warning: expect.stringContaining('2026-12-27') as string });
    context = contextOf('read-only');
    for (const [method, path] of [['GET', '/export'], ['POST', '/devices'], ['POST', '/users']] as const) expect(await ask(method, path)).toMatchObject({ status: 403, body: { error: 'License is read-only' } });
  });

  it('an unlicensed instance has two devices, and no export', async () => {
    context = contextOf('unlicensed');
    counted = () => 1;
    expect((await ask('POST', '/devices')).status).toBe(200);
    counted = () => 2;
    expect(await ask('POST', '/devices')).toMatchObject({ status: 403, body: { message: expect.stringContaining('An unlicensed instance allows a maximum of 2 devices') as string, details: { plan: null } } });
    expect(await ask('GET', '/export')).toMatchObject({ status: 403, body: { error: 'Feature not available' } });
  });

  it('a count that fails is the product\'s error, and no refusal', async () => {
    context = contextOf('licensed');
    counted = () => Promise.reject(new Error('database away'));
    expect(await ask('POST', '/devices')).toMatchObject({ status: 500, body: { error: 'the product\'s own' } });
    counted = () => NaN;
    expect(await ask('POST', '/devices')).toMatchObject({ status: 500, body: { error: 'the product\'s own' } });
  });
});
