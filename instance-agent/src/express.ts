import { type GuardedAgent, type Rule, ruleSet, type RuleSet, WARNING_HEADER } from './guards.ts';

/** As much of Express (4 and 5) as the guards need; its own types fit. */
export interface ExpressResponse {
  status(code: number): { json(body: unknown): unknown };
  setHeader(name: string, value: string): unknown;
}
export type ExpressHandler<Request> = (request: Request, response: ExpressResponse, next: (error?: unknown) => void) => void;

/** The guards as Express middleware: `app.post('/devices', guards.checkDeviceLimit(countActiveDevices), handler)`. */
export function expressGuards<Request = unknown>(agent: GuardedAgent): RuleSet<Request, ExpressHandler<Request>> {
  return ruleSet<Request, ExpressHandler<Request>>((rule) => (request, response, next) => {
    void answer(agent, rule, request, response, next);
  });
}

/** Hands on exactly once: what is allowed, or what failed. */
async function answer<Request>(agent: GuardedAgent, rule: Rule<Request>, request: Request, response: ExpressResponse, next: (error?: unknown) => void): Promise<void> {
  let failure: unknown;
  try {
    const { refusal, warning } = await rule(agent.licenseStatus(), request);
    if (warning !== null) response.setHeader(WARNING_HEADER, warning);
    if (refusal !== null) {
      response.status(refusal.status).json(refusal.body);
      return;
    }
  } catch (error) {
    failure = error;
  }
  next(failure);
}
