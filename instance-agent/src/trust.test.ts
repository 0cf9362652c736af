import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { announce, createTestKey, DAY_MS, signList, START, type TestKey } from './licenses.testkit.ts';
import { createRecordingLog, silentLog, temporaryFolder } from './surroundings.testkit.ts';
import { Trust } from './trust.ts';

const [first, second, third] = [createTestKey(), createTestKey(), createTestKey()];
const stranger = createTestKey();
const seconds = (days: number): number => START.getTime() / 1000 + days * 86_400;

async function openTrust(options: { folder?: string; pinned?: TestKey[]; served?: TestKey[]; log?: typeof silentLog } = {}) {
  const folder = options.folder ?? (await temporaryFolder());
  const asked = { count: 0 };
  const fetchKeys = () => {
    asked.count += 1;
    return Promise.resolve(new Map((options.served ?? []).map(({ kid, publicKey }) => [kid, publicKey])));
  };
  const trust = await Trust.open({ folder, log: options.log ?? silentLog, saves: true, pinnedKeys: (options.pinned ?? []).map(({ publicKey }) => publicKey), fetchKeys });
  return { trust, folder, asked };
}

const knows = (trust: Trust, ...keys: TestKey[]): boolean[] => keys.map(({ kid }) => trust.findKey(kid) !== null);

describe('keys', () => {
  it('follow from a pinned one by announcements, over a restart, and from nobody else', async () => {
    const { trust, folder } = await openTrust({ pinned: [first], served: [stranger] });
    await trust.fetchKeys();
    await trust.follow([announce(third, second), announce(second, first), announce(stranger, stranger)]);
    expect(knows(trust, first, second, third, stranger)).toEqual([true, true, true, false]);
    expect(knows((await openTrust({ folder, pinned: [first] })).trust, first, second, third)).toEqual([true, true, true]);
    expect(knows((await openTrust({ folder, pinned: [stranger] })).trust, second, third)).toEqual([false, false]);
  });

  it('that were fetched stay known when the control plane leaves them out', async () => {
    const { folder } = await openTrust({ served: [first] });
    const { trust } = await openTrust({ folder, served: [first] });
    await trust.fetchKeys();
    const later = await openTrust({ folder, served: [second] });
    await later.trust.fetchKeys();
    expect(knows(later.trust, first, second)).toEqual([true, true]);
  });

  it('that are compromised are believed no more, announce nothing new, and take nothing with them that they announced before', async () => {
    const { trust, folder } = await openTrust({ pinned: [first] });
    await trust.follow([announce(second, first)]);
    expect(await trust.takeRevocations(signList(second, { epoch: 1, keys: [{ kid: first.kid, revokedAt: seconds(1) }] }))).toBe('accepted');
    await trust.follow([announce(stranger, first)]);
    expect(knows(trust, first, second, stranger)).toEqual([false, true, false]);
    expect(trust.revokedAt('lic_any', first.kid)).toEqual(new Date(seconds(1) * 1000));
    expect(await trust.takeRevocations(signList(first, { epoch: 9 }))).toBe('UNKNOWN_KEY');
    expect(knows((await openTrust({ folder, pinned: [first] })).trust, first, second)).toEqual([false, true]);
  });
});

describe('the list of revocations', () => {
  it('is taken when it is newer, kept over a restart, and refused when it is older', async () => {
    const { trust, folder } = await openTrust({ pinned: [first] });
    const newer = signList(first, { epoch: 5, revoked: { lic_a: seconds(0) } });
    expect(await trust.takeRevocations(newer)).toBe('accepted');
    expect(await trust.takeRevocations(newer)).toBe('unchanged');
    expect(await trust.takeRevocations(signList(first, { epoch: 4, iat: seconds(100) }))).toBe('OLDER');
    expect(await trust.takeRevocations(signList(first, { epoch: 5, iat: seconds(-1) }))).toBe('unchanged');
    expect(await trust.takeRevocations(signList(first, { epoch: 5, iat: seconds(1), revoked: { lic_a: seconds(0) } }))).toBe('accepted');
    const again = await openTrust({ folder, pinned: [first] });
    expect(again.trust.revokedAt('lic_a', first.kid)).toEqual(START);
    expect(await again.trust.takeRevocations(signList(first, { epoch: 4 }))).toBe('OLDER');
  });

  it('of an unknown key is worth one question for the keys; of a stranger, nothing', async () => {
    const { trust, asked } = await openTrust({ served: [second] });
    expect(await trust.takeRevocations(signList(second, { epoch: 1 }))).toBe('accepted');
    expect(asked.count).toBe(1);
    expect(await trust.takeRevocations(signList(createTestKey(second.kid), { epoch: 2 }))).toBe('BAD_SIGNATURE');
    expect(await trust.takeRevocations('rubbish')).toBe('MALFORMED');
    expect(trust.list?.epoch).toBe(1);
  });

  it('that is damaged on disk is said so, and the next one taken', async () => {
    const { trust, folder } = await openTrust({ pinned: [first] });
    await trust.takeRevocations(signList(first, { epoch: 3 }));
    const file = join(folder, 'revocations.jwt');
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 50));
    const { log, lines } = createRecordingLog();
    const again = await openTrust({ folder, pinned: [first], log });
    expect(again.trust.list).toBeNull();
    expect(lines).toMatchObject([{ file: 'revocations.jwt', reason: 'MALFORMED' }]);
    expect(await again.trust.takeRevocations(signList(first, { epoch: 3 }))).toBe('accepted');
  });

  it('that is a week old warns, and blocks nothing', async () => {
    const { trust } = await openTrust({ pinned: [first] });
    expect(trust.isListStale(START)).toBe(false);
    await trust.takeRevocations(signList(first, { epoch: 1, revoked: { lic_a: seconds(0) } }));
    const after = (days: number): Date => new Date(START.getTime() + days * DAY_MS);
    expect([trust.isListStale(after(7)), trust.isListStale(after(7.1))]).toEqual([false, true]);
    expect(trust.revokedAt('lic_b', first.kid)).toBeNull();
  });
});
