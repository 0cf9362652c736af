import type { RunningPlane } from '../plane.ts';
import { readSubscription } from './demo-deeds.ts';
import { describeDeployments } from './demo-deployments.ts';
import { accountOf } from './demo-file.ts';
import { DEMO_DAYS, DEMO_FLEET } from './demo-fleet.ts';
import type { DemoStage } from './demo-stage.ts';

/** What a person reads when the demo is there: who to log in as, and what to look at. */
export async function describeDemo(stage: DemoStage, { plane, agents, file }: { plane: RunningPlane; agents: { instance: string; url: string }[]; file: string }): Promise<string> {
  // First of all: what is under way goes on.
  const deployments = await describeDeployments(stage);
  const rows: string[] = [];
  for (const { key, companyName, instances } of DEMO_FLEET) {
    const { email, password, customerId = '' } = accountOf(stage.state, key);
    const { plan, status } = await readSubscription(stage, customerId);
    rows.push(`  ${email.padEnd(26)}${password.padEnd(18)}${companyName.padEnd(21)}${`${plan.key} ${status}`.padEnd(24)}${instances.map(({ name }) => name).join(', ')}`);
  }
  const [first] = DEMO_FLEET;
  const login = first === undefined ? null : accountOf(stage.state, first.key);
  return `
Demo: ${DEMO_FLEET.length} customers, ${DEMO_DAYS} days of usage, ${agents.length} agents that report every 10 s

  ${'Log in as'.padEnd(26)}${'password'.padEnd(18)}${'customer'.padEnd(21)}${'subscription'.padEnd(24)}instances
${rows.join('\n')}

  Deployments   ${deployments}
  Passwords     ${file}
  An agent      ${agents[0]?.url ?? ''}/api/v1/license
  Plane's time  ${plane.clock.now().toISOString()}

Try next: log in, and watch usage arrive.

  curl -s ${plane.url}/graphql -H 'content-type: application/json' -d '{"query":"mutation { logIn(input: { email: \\"${login?.email ?? ''}\\", password: \\"${login?.password ?? ''}\\" }) { session { token } } }"}'
  curl -sN ${plane.url}/graphql -H "authorization: Bearer ${tokenInShell(plane.adminTokenFile)}" -H 'accept: text/event-stream' -H 'content-type: application/json' -d '{"query":"subscription { usageReported(customerId: \\"${login?.customerId ?? ''}\\") { activeDevices mqttMessagesPublished instance { name } intervalEnd } }"}'
`;
}

/** What a shell puts in place of the operator's token, within double quotes. @param file that has it; null where the environment does */
export function tokenInShell(file: string | null): string {
  if (file === null) return '$ADMIN_API_TOKEN';
  return `$(cat ${/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`})`;
}
