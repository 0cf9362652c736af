import { join } from 'node:path';
import type { Clock } from '@iotistic/chassis/clock';
import { closeAll } from '@iotistic/chassis/lifecycle';
import { type Agent, createAgent } from 'iotistic-agent';
import { accountOf, type DemoState } from './demo-file.ts';
import { runningInstances } from './demo-fleet.ts';
import { startDemoProduct } from './demo-product.ts';

/** Milliseconds between two reports of an agent: often enough that somebody who watches sees something. */
const REPORT_EVERY_MS = 10_000;

export interface DemoAgents {
  /** Where each instance's agent answers: `GET …/api/v1/license`. */
  running: { instance: string; url: string }[];
  close(): Promise<void>;
}

/** Where an instance's agent keeps its files: `verify-invoice` finds the archive there. */
export function agentFolder(dataDir: string, instance: string): string {
  return join(dataDir, 'demo', instance);
}

/** Starts the real agent for each instance of the fleet that is still running, each with a data folder of its own. */
export async function startDemoAgents(options: { planeUrl: string; dataDir: string; state: DemoState; clock: Clock }): Promise<DemoAgents> {
  const product = await startDemoProduct(options.clock);
  const agents: Agent[] = [];
  const running: DemoAgents['running'] = [];
  const close = (): Promise<void> => closeAll([async () => void (await Promise.all(agents.map((agent) => agent.stop()))), () => product.close()]);
  try {
    for (const { customer, instance } of runningInstances()) {
      const agent = createAgent({
        environment: {
          BILLING_API_URL: options.planeUrl,
          IOTISTIC_API_KEY: accountOf(options.state, customer.key).apiKey,
          INSTANCE_ID: instance.name,
          AGENT_DATA_DIR: agentFolder(options.dataDir, instance.name),
          AGENT_PORT: '0',
          COLLECTION_INTERVAL: String(REPORT_EVERY_MS),
          METRICS_URLS: product.metricsUrl(instance.name),
          LOG_LEVEL: 'error',
        },
        // Its machine's clock is the plane's, which a simulation may have moved.
        clock: options.clock,
      });
      agents.push(agent);
      running.push({ instance: instance.name, url: (await agent.start()) ?? '' });
    }
    return { running, close };
  } catch (error) {
    await close();
    throw error;
  }
}
