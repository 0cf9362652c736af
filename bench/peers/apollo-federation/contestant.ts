import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { type Child, PEER_READY_MS, startChild } from '../../child.ts';
import type { Account, Contestant } from '../../contestant.ts';

/** What most who federate run: four Apollo servers behind an Apollo gateway, five processes that speak HTTP. */
export const apolloFederation: Contestant = {
  name: 'Apollo federation',
  start: async ({ databaseUrl, customers, nodeOptions }) => {
    const children: Child[] = [];
    const stop = async (): Promise<void> => void (await Promise.all(children.toReversed().map((child) => child.stop())));
    const start = async (name: string, script: string, env: Record<string, string>): Promise<{ url: string; accounts: Account[] }> => {
      // Without this the gateway reports to its maker.
      const child = startChild({ name, script: `bench/peers/apollo-federation/${script}`, nodeOptions, env: { NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true', ...env } });
      children.push(child);
      return child.next('ready', PEER_READY_MS);
    };
    try {
      const urls: Record<string, string> = {};
      let accounts: Account[] = [];
      for (const name of SUBGRAPH_NAMES) {
        const started = await start(name, 'subgraph.ts', { SUBGRAPH: name, DATABASE_URL: databaseUrl, CUSTOMERS: String(customers) });
        urls[name] = started.url;
        if (name === 'customers') accounts = started.accounts;
      }
      const { url } = await start('gateway', 'gateway.ts', { SUBGRAPH_URLS: JSON.stringify(urls) });
      return { url, pids: children.map(({ pid }) => pid), accounts, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  },
};
