/**
 * A process that lives on a spool until it is killed: it measures, sends and settles at random, and tells each thing that
 * is durable on standard output, whole lines at once. `node spool-writer.js FOLDER APPENDS`; without end when APPENDS is 0.
 */
import { writeSync } from 'node:fs';
import { Spool } from '../../instance-agent/src/spool.ts';
import { SpoolUnavailableError } from '../../instance-agent/src/spool-error.ts';
import { BOUNDS, silent, START_MS } from './spool-bounds.ts';

const [folder = '', appends = '0'] = process.argv.slice(2);
const upTo = (max: number): number => 1 + Math.floor(Math.random() * max);
const tell = (line: string): void => void writeSync(1, `${line}\n`);

/** What the plane gets: the reply may be lost on the way back. */
async function send(spool: Spool): Promise<void> {
  const reports = await spool.noteAttempt(spool.pending(upTo(6)).at(-1)?.sequence ?? 0);
  for (const report of reports) tell(`sent ${JSON.stringify(report)}`);
  const last = reports.at(-1);
  if (last !== undefined && Math.random() < 0.7) await spool.settle(last.sequence);
}

async function append(spool: Spool): Promise<void> {
  const messages = upTo(1000);
  const value = (spool.baselines['a']?.['s'] ?? 0) + messages;
  const start = spool.intervalEnd ?? new Date(START_MS);
  const end = new Date(start.getTime() + upTo(10) * 60_000);
  await spool.append({ gauges: { activeDevices: upTo(50) }, counters: { mqttMessagesPublished: messages }, baselines: { a: { replace: false, series: { s: value } } } }, { start, end });
  tell(`counted ${value}`);
}

tell('opening');
const spool = await Spool.open(folder, silent, BOUNDS);
for (let round = 1; Number(appends) === 0 || round <= Number(appends); round += 1) {
  try {
    // Measures more than it sends: so it fills up, and merges, however short the lives are.
    await (Math.random() < 0.9 ? append(spool) : send(spool));
  } catch (error) {
    if (!(error instanceof SpoolUnavailableError)) throw error;
    tell(`refused ${error.code}`);
  }
}
await spool.close();
