import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { type Child, startChild } from './child.ts';
import type { Contestant } from './contestant.ts';
import { commonEnvironment, gatewayEnvironment, remarkOn, signUpAll, untilServing } from './plane.ts';

/** The same plane as five processes that speak HTTP, as `npm run start:gateway` and its like start them. Without Stripe: nobody here pays, and what a trial uses is not told to Stripe. */
export const planeProcesses: Contestant = {
  name: 'ours, separate processes',
  start: async ({ databaseUrl, folder, customers, nodeOptions }) => {
    const keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const shared = { ...commonEnvironment(databaseUrl, folder), LICENSE_KEYS_DIR: join(folder, 'keys'), CALLER_PUBLIC_KEY: keys.publicKey };
    const children: Child[] = [];
    const stop = async (): Promise<void> => void (await Promise.all(children.toReversed().map((child) => child.stop())));
    const start = async (name: string, script: string, env: Record<string, string>): Promise<string> => {
      const port = await findFreePort();
      const child = startChild({ name, script, nodeOptions, env: { ...env, PORT: String(port) } });
      children.push(child);
      const url = `http://127.0.0.1:${port}`;
      await untilServing(url, child);
      return url;
    };
    try {
      const urls = new Map<string, string>();
      // The first one alone: each prepares its own part of the database, but whoever is first makes what they share.
      for (const name of SUBGRAPH_NAMES) urls.set(name, await start(name, `subgraphs/${name}/dist/main.js`, shared));
      const subgraphUrls = Object.fromEntries([...urls].map(([name, url]) => [`${name.toUpperCase()}_URL`, `${url}/graphql`]));
      const url = await start('gateway', 'gateway/dist/main.js', { ...shared, ...gatewayEnvironment(), ...subgraphUrls, CALLER_PRIVATE_KEY: keys.privateKey });
      const accounts = await signUpAll(url, customers);
      return { url, pids: children.map(({ pid }) => pid), accounts, remark: () => remarkOn(urls.get('usage') as string), stop };
    } catch (error) {
      await stop();
      throw error;
    }
  },
};
