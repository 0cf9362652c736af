import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createAgent } from './agent.ts';
import { FakePlane } from './fake-plane.testkit.ts';
import { createTestKey, START } from './licenses.testkit.ts';
import { createTestMachine, silentLog, temporaryFolder } from './surroundings.testkit.ts';

const HOUR_MS = 3_600_000;

/** An agent that reported for six hours, and its control plane. */
async function afterSixReports() {
  const plane = await FakePlane.start();
  onTestFinished(() => plane.stop());
  plane.keys = [createTestKey('key_1')];
  const machine = createTestMachine(START);
  plane.now = machine.now;
  const folder = await temporaryFolder();
  const start = async () => {
    const agent = createAgent({ environment: { BILLING_API_URL: plane.url, IOTISTIC_API_KEY: 'iotk_test', INSTANCE_ID: 'site-1', AGENT_DATA_DIR: folder }, clock: machine, log: silentLog, localApi: false, schedule: false });
    await agent.start();
    return agent;
  };
  const agent = await start();
  const round = async (who = agent) => {
    machine.advance(HOUR_MS);
    await who.record({ activeDevices: 4, mqttMessagesPublished: 100 });
    return who.collectAndReport();
  };
  for (let hour = 0; hour < 6; hour += 1) await round();
  return { plane, folder, agent, round, start };
}

/** The plane knows the first three only, and says so. */
function putBack(plane: FakePlane, id: string): Map<string, unknown> {
  const before = new Map(plane.stored);
  for (const [reportId, { sequence }] of before) if (sequence > 3) plane.stored.delete(reportId);
  plane.restores = [...plane.restores, { id, since: new Date(START.getTime() + 3.5 * HOUR_MS).toISOString() }];
  return before;
}

it('a control plane that was put back to a backup is sent again what it lost, as it was, once for each restore', async () => {
  const { plane, agent, round, start } = await afterSixReports();
  const before = putBack(plane, 'restore-1');
  expect((await round()).exchange).toMatchObject({ accepted: 1 });
  expect(plane.sequences).toEqual([1, 2, 3, 4, 5, 6, 7]);
  for (const [reportId, report] of before) expect(plane.stored.get(reportId)).toEqual(report);
  const asked = plane.requests.length;
  await round();
  expect(plane.requests.length).toBe(asked + 1);
  await agent.stop();
  const again = await start();
  await round(again);
  expect(plane.requests.length).toBe(asked + 2);
  putBack(plane, 'restore-2');
  await round(again);
  expect(plane.sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await again.stop();
});

it('is sent again also what had waited since long before the backup, and arrived after it', async () => {
  const { plane, agent, round } = await afterSixReports();
  plane.behaviours.push('cut the connection');
  await expect(round()).rejects.toThrow('cannot be reached');
  for (let hour = 0; hour < 30; hour += 1) {
    plane.behaviours.push('cut the connection');
    await round().catch(() => undefined);
  }
  // The backup is made here: of the 31 that wait the control plane has none.
  const backedUpAt = plane.now();
  await round();
  for (const [reportId, { sequence }] of plane.stored) if (sequence > 6) plane.stored.delete(reportId);
  plane.restores = [{ id: 'restore-1', since: backedUpAt.toISOString() }];
  await round();
  expect(plane.sequences).toEqual(Array.from({ length: 39 }, (_each, index) => index + 1));
  await agent.stop();
});

it('is cut short by a plane that goes away, and done with the next contact', async () => {
  const { plane, agent, round } = await afterSixReports();
  putBack(plane, 'restore-1');
  plane.behaviours.push('answer', { status: 503, body: 'away' });
  await expect(round()).rejects.toThrow('not the control plane');
  expect(plane.sequences).toEqual([1, 2, 3, 7]);
  await round();
  expect(plane.sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await agent.stop();
});

it('a note that does not read costs sending once more, and no more', async () => {
  const { plane, folder, agent, round, start } = await afterSixReports();
  putBack(plane, 'restore-1');
  await round();
  await agent.stop();
  await writeFile(join(folder, 'resent.json'), '{');
  const again = await start();
  await round(again);
  expect(plane.sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await again.stop();
});
