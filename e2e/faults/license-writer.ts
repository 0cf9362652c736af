/** A process that takes one newer license after the other until it is killed, and tells each that it holds. `node license-writer.js FOLDER VERSION LICENSES-FILE` */
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { AgentClock } from '../../instance-agent/src/clock.ts';
import { LicenseKeeper } from '../../instance-agent/src/license-keeper.ts';
import { Trust } from '../../instance-agent/src/trust.ts';
import { silent } from './spool-bounds.ts';

const [folder = '', version = '1', file = ''] = process.argv.slice(2);
const { publicKey, now, tokens } = JSON.parse(readFileSync(file, 'utf8')) as { publicKey: string; now: string; tokens: string[] };

const clock = await AgentClock.open(folder, { now: () => new Date(now), monotonicMs: () => 0 }, silent);
const trust = await Trust.open({ folder, log: silent, saves: true, pinnedKeys: [createPublicKey(publicKey)], fetchKeys: () => Promise.resolve(new Map()) });
const keeper = await LicenseKeeper.open({ folder, clock, log: silent, trust, saves: true }, null);
writeSync(1, `opened ${keeper.standing().claims?.version ?? 0} ${keeper.standing().state} ${keeper.problem ?? 'well'}\n`);
for (let next = Number(version); next <= tokens.length; next += 1) {
  writeSync(1, `${await keeper.offer(tokens[next - 1] ?? '')} ${next}\n`);
  await clock.persist(true);
}
