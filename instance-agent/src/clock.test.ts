import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AgentClock } from './clock.ts';
import { DAY_MS, START } from './licenses.testkit.ts';
import { createRecordingLog, createTestMachine, silentLog, temporaryFolder } from './surroundings.testkit.ts';

const at = (ms: number) => new Date(START.getTime() + ms);

describe('the clock', () => {
  it('follows the machine while nothing contradicts it', async () => {
    const machine = createTestMachine(START);
    const clock = await AgentClock.open(await temporaryFolder(), machine, silentLog);
    machine.advance(5000);
    expect(clock.now()).toEqual(at(5000));
    expect(clock.skewSeconds()).toBe(0);
  });

  it('goes on when the machine is set back, and says by how much', async () => {
    const machine = createTestMachine(START);
    const clock = await AgentClock.open(await temporaryFolder(), machine, silentLog);
    clock.now();
    machine.setWall(at(-60 * DAY_MS));
    machine.advance(10_000);
    expect(clock.now()).toEqual(at(10_000));
    expect(clock.skewSeconds()).toBe(-60 * 86_400);
  });

  it('keeps the highest time through a restart with the machine set back', async () => {
    const folder = await temporaryFolder();
    const machine = createTestMachine(START);
    await (await AgentClock.open(folder, machine, silentLog)).persist();
    machine.setWall(at(-60 * DAY_MS));
    const { log, lines } = createRecordingLog();
    const clock = await AgentClock.open(folder, machine, log);
    expect(clock.now()).toEqual(START);
    expect(lines).toMatchObject([{ skewSeconds: -60 * 86_400 }]);
  });

  it('believes the control plane when the machine ran ahead, at once and after a restart', async () => {
    const folder = await temporaryFolder();
    const machine = createTestMachine(at(3650 * DAY_MS));
    const clock = await AgentClock.open(folder, machine, silentLog);
    await clock.persist();
    clock.observeProven(START);
    expect(clock.now()).toEqual(START);
    expect(clock.serverSkewSeconds()).toBe(3650 * 86_400);
    machine.setWall(START);
    machine.advance(1000);
    expect(clock.now()).toEqual(at(1000));
    await clock.persist();
    expect((await AgentClock.open(folder, machine, silentLog)).now()).toEqual(at(1000));
  });

  it('believes the control plane when the machine is behind, and is not thrown by its correction', async () => {
    const machine = createTestMachine(at(-7200_000));
    const clock = await AgentClock.open(await temporaryFolder(), machine, silentLog);
    clock.observeProven(START);
    machine.advance(60_000);
    expect(clock.now()).toEqual(at(60_000));
    machine.setWall(at(60_000));
    expect(clock.now()).toEqual(at(60_000));
  });

  it('follows a machine forward when it wakes from a sleep, while nobody has told the time', async () => {
    const machine = createTestMachine(START);
    const clock = await AgentClock.open(await temporaryFolder(), machine, silentLog);
    clock.now();
    machine.setWall(at(40 * DAY_MS));
    expect(clock.now()).toEqual(at(40 * DAY_MS));
  });

  it('follows no step of a machine that the control plane has confirmed, doubts it, and asks', async () => {
    const folder = await temporaryFolder();
    const machine = createTestMachine(START);
    const clock = await AgentClock.open(folder, machine, silentLog);
    expect(clock.agreesWith(at(1000))).toBe(true);
    for (const step of [7_200_000, 100 * DAY_MS, -60 * DAY_MS]) {
      machine.setWall(at(step));
      expect([clock.now(), clock.isInDoubt(), clock.isSkewed()]).toEqual([START, true, true]);
    }
    expect(clock.agreesWith(START)).toBe(true);
    await clock.persist(true);
    expect((await AgentClock.open(folder, machine, silentLog)).now()).toEqual(START);
    machine.setWall(at(40 * DAY_MS));
    expect(clock.agreesWith(at(40 * DAY_MS))).toBe(false);
    clock.observeProven(at(40 * DAY_MS));
    expect([clock.now(), clock.isInDoubt(), clock.isSkewed()]).toEqual([at(40 * DAY_MS), false, false]);
  });

  it('believes no machine that claims to have slept for longer than any license lasts', async () => {
    const folder = await temporaryFolder();
    const machine = createTestMachine(START);
    await (await AgentClock.open(folder, machine, silentLog)).persist();
    machine.setWall(at(3650 * DAY_MS));
    const clock = await AgentClock.open(folder, machine, silentLog);
    expect(clock.now()).toEqual(START);
    machine.advance(5_000);
    expect([clock.now(), clock.skewSeconds()]).toEqual([at(5_000), 3650 * 86_400]);
    machine.setWall(at(365 * DAY_MS));
    expect((await AgentClock.open(folder, machine, silentLog)).now()).toEqual(at(365 * DAY_MS));
  });

  it('knows after a restart by how much the machine is wrong, and counts the time it was away', async () => {
    const folder = await temporaryFolder();
    const machine = createTestMachine(at(-60 * DAY_MS));
    const clock = await AgentClock.open(folder, machine, silentLog);
    clock.observeProven(START);
    await clock.persist(true);
    machine.advance(3 * DAY_MS);
    const again = await AgentClock.open(folder, machine, silentLog);
    expect(again.now()).toEqual(at(3 * DAY_MS));
    expect(again.isInDoubt()).toBe(false);
    // Somebody sets it right: that is no leap.
    machine.setWall(at(3 * DAY_MS));
    expect([again.now(), again.isInDoubt()]).toEqual([at(3 * DAY_MS), false]);
    await again.persist(true);
    expect((await AgentClock.open(folder, machine, silentLog)).now()).toEqual(at(3 * DAY_MS));
  });

  it('is moved by nothing that was not signed', async () => {
    const machine = createTestMachine(START);
    const clock = await AgentClock.open(await temporaryFolder(), machine, silentLog);
    for (const told of [at(-DAY_MS), at(DAY_MS), at(-299_000), at(299_000)]) clock.agreesWith(told);
    expect(clock.now()).toEqual(START);
    expect(clock.serverSkewSeconds()).toBe(-299);
  });

  it('never goes before a time that was signed, whatever a server says', async () => {
    const machine = createTestMachine(at(-10 * DAY_MS));
    const clock = await AgentClock.open(await temporaryFolder(), machine, silentLog);
    clock.observeSigned(START);
    clock.observeProven(at(-10 * DAY_MS));
    expect(clock.now()).toEqual(START);
  });

  it('begins anew, and says so, where its record is damaged', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'clock.json'), '{"highest":"20');
    const { log, lines } = createRecordingLog();
    expect((await AgentClock.open(folder, createTestMachine(START), log)).now()).toEqual(START);
    expect(lines).toHaveLength(1);
  });
});
