import { type GuardedAgent, ruleSet, type RuleSet, WARNING_HEADER } from './guards.ts';

/** As much of Fastify (4 and 5) as the guards need; its own types fit. */
export interface FastifyReplyLike {
  header(name: string, value: string): unknown;
  code(status: number): { send(body: unknown): unknown };
}
export type FastifyPreHandler<Request> = (request: Request, reply: FastifyReplyLike) => Promise<unknown>;

/** The guards as Fastify hooks: `app.post('/devices', { preHandler: guards.checkDeviceLimit(countActiveDevices) }, handler)`. */
export function fastifyGuards<Request = unknown>(agent: GuardedAgent): RuleSet<Request, FastifyPreHandler<Request>> {
  return ruleSet<Request, FastifyPreHandler<Request>>((rule) => async (request, reply) => {
    const { refusal, warning } = await rule(agent.licenseStatus(), request);
    if (warning !== null) reply.header(WARNING_HEADER, warning);
    return refusal === null ? undefined : reply.code(refusal.status).send(refusal.body);
  });
}
