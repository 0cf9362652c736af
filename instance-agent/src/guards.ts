import type { LicenseView } from './license-view.ts';
import { checkCount, checkCounter, checkFeatureName, checkLimitName, type Feature, type Limit } from './guard-names.ts';
import { checkActiveSubscription, checkDeviceLimit, checkFeature, checkLimit, type GuardContext, type GuardRefusal, type GuardVerdict } from './guard-rules.ts';

/** What the guards need of an agent. */
export interface GuardedAgent {
  licenseStatus(): Pick<LicenseView, 'state' | 'plan' | 'status' | 'features' | 'limits' | 'calendar' | 'upgradeUrl'>;
}

/** Thrown by the guards; a web framework's error handler finds what to answer in it. */
export class LicenseRefusedError extends Error {
  readonly status = 403;
  /** As Fastify and others call it. */
  readonly statusCode = 403;

  constructor(readonly body: GuardRefusal['body']) {
    super(body.message);
    this.name = 'LicenseRefusedError';
  }
}

/** The guards as plain functions: they return nothing, or throw LicenseRefusedError. A name that no license has is another error. */
export interface Guards {
  /** @throws UnknownGuardNameError */
  requireFeature(feature: Feature): void;
  /** @param currentDevices active ones, before the new one. */
  checkDeviceLimit(currentDevices: number): void;
  /** @param current how many there are, before the new one. @throws UnknownGuardNameError */
  checkLimit(limit: Limit, current: number): void;
  requireActiveSubscription(): void;
}

export function createGuards(agent: GuardedAgent): Guards {
  const enforce = ({ refusal }: GuardVerdict): void => {
    if (refusal !== null) throw new LicenseRefusedError(refusal.body);
  };
  return {
    requireFeature: (feature) => enforce(checkFeature(agent.licenseStatus(), checkFeatureName(feature))),
    checkDeviceLimit: (currentDevices) => enforce(checkDeviceLimit(agent.licenseStatus(), checkCount(currentDevices))),
    checkLimit: (limit, current) => enforce(checkLimit(agent.licenseStatus(), checkLimitName(limit), checkCount(current))),
    requireActiveSubscription: () => enforce(checkActiveSubscription(agent.licenseStatus())),
  };
}

/** The header that a request is answered with while the license is in its grace. */
export const WARNING_HEADER = 'X-License-Warning';

/** What both adaptors are made of: a rule, and how many there are of what it counts. */
export type Rule<Request> = (context: GuardContext, request: Request) => GuardVerdict | Promise<GuardVerdict>;

/** How many there are now; may be asked of a database. */
export type Count<Request> = (request: Request) => number | Promise<number>;

export interface RuleSet<Request, Handler> {
  /** Refuses a request whose feature the license does not grant. @throws UnknownGuardNameError where it is made */
  requireFeature(feature: Feature): Handler;
  /** Refuses to add a device beyond the limit. A count that fails, or is none, is the framework's error, never a refusal. */
  checkDeviceLimit(countActiveDevices: Count<Request>): Handler;
  /** @throws UnknownGuardNameError where it is made */
  checkLimit(limit: Limit, count: Count<Request>): Handler;
  requireActiveSubscription(): Handler;
}

/** The four rules, made into a framework's own handlers. What is wrong with a rule is said where it is made, not at the first request. */
export function ruleSet<Request, Handler>(toHandler: (rule: Rule<Request>) => Handler): RuleSet<Request, Handler> {
  return {
    requireFeature: (name) => {
      const feature = checkFeatureName(name);
      return toHandler((context) => checkFeature(context, feature));
    },
    checkDeviceLimit: (given) => {
      const count = checkCounter(given);
      return toHandler(async (context, request) => checkDeviceLimit(context, checkCount(await count(request))));
    },
    checkLimit: (name, given) => {
      const [limit, count] = [checkLimitName(name), checkCounter(given)];
      return toHandler(async (context, request) => checkLimit(context, limit, checkCount(await count(request))));
    },
    requireActiveSubscription: () => toHandler((context) => checkActiveSubscription(context)),
  };
}
