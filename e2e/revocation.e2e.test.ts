/** A license that is taken back: at the door at once, at an instance that listens within moments, at all others with their next contact. */
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { verifyRevocationList } from '@iotistic/contracts/revocation-list';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import type { GraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, ROOT } from './built.ts';
import { SIGN_UP } from './documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-revocation-'));
const AN_HOUR_MS = '3600000';
let booted: BootedPlane;
let user: GraphqlClient;
let customerId: string;
let agentUrl: string;
let agent: StartedProcess;

beforeAll(async () => {
  await build();
  booted = await bootPlane();
  const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'revoked@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  customerId = signUp.customer.id;
  user = booted.client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'agent' } });
  const port = String(await findFreePort());
  agentUrl = `http://127.0.0.1:${port}`;
  agent = startProcess(process.execPath, [join(ROOT, 'instance-agent/bin/iotistic-agent.js'), 'run'], { BILLING_API_URL: booted.plane.url, IOTISTIC_API_KEY: createApiKey.secret, INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: join(folder, 'agent'), AGENT_PORT: port, COLLECTION_INTERVAL: AN_HOUR_MS, LOG_LEVEL: 'warn' }, { cwd: ROOT });
  await untilReady(`${agentUrl}/healthz`, agent);
  await untilState('licensed');
});
afterAll(async () => {
  await agent.stop();
  await booted.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface View {
  state: string;
  license: { id: string; revokedAt: string | null } | null;
  revocations: { epoch: number } | null;
}
const view = async (): Promise<View> => (await (await fetch(`${agentUrl}/api/v1/license`)).json()) as View;
const untilState = (state: string): Promise<View> =>
  waitFor(async () => {
    const seen = await view();
    expect(seen.state).toBe(state);
    return seen;
  });
const licenseNow = async (): Promise<{ id: string; token: string }> => (await user.ask<{ customer: { license: { id: string; token: string } } }>('query ($id: ID!) { customer(id: $id) { license { id token } } }', { id: customerId })).customer.license;
const revoke = (): Promise<unknown> => booted.admin.ask('mutation ($input: RevokeLicenseInput!) { revokeLicense(input: $input) { license { id status } } }', { input: { customerId, reason: 'key leaked' } });
const reinstate = (): Promise<unknown> => booted.admin.ask('mutation ($input: ReinstateLicenseInput!) { reinstateLicense(input: $input) { license { id } } }', { input: { customerId, reason: 'a mistake' } });
const audited = async (): Promise<string[]> => (await user.ask<{ customer: { auditLog: { edges: { node: { action: string } }[] } } }>('query ($id: ID!) { customer(id: $id) { auditLog(first: 20) { edges { node { action } } } } }', { id: customerId })).customer.auditLog.edges.map(({ node }) => node.action);

describe('a license that is revoked', () => {
  it('is no credential any more from the next request on, and an instance that is connected falls onto its calendar within moments', async () => {
    const { token } = await licenseNow();
    const byLicense = booted.client.as({ bearer: token });
    const fetchIt = () => byLicense.send('mutation { fetchLicense(input: { instance: "plant-2" }) { serverTime } }');
    expect((await fetchIt()).errors).toBeUndefined();
    // The agent's live connection stands a moment after its first exchange; a change that comes before is its next exchange's.
    await waitFor(async () => expect(await (await fetch(`${agentUrl}/metrics`)).text()).toContain('iotistic_agent_live_updates 1'));
    await revoke();
    expect((await fetchIt()).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'LICENSE_NOT_ACCEPTED' });
    const fallen = await untilState('grace');
    expect(fallen.license?.revokedAt).not.toBeNull();
  });

  it('stands on the signed list that anybody may fetch', async () => {
    const { license } = await view();
    const answer = await fetch(`${booted.plane.url}/.well-known/revocations.jwt`);
    expect(answer.headers.get('content-type')).toBe('application/jwt');
    const jwks = (await (await fetch(`${booted.plane.url}/.well-known/jwks.json`)).json()) as { keys: ({ kid: string } & Record<string, string>)[] };
    const { claims } = verifyRevocationList(await answer.text(), (kid) => {
      const jwk = jwks.keys.find((key) => key.kid === kid);
      return jwk === undefined ? null : createPublicKey({ key: jwk, format: 'jwk' });
    });
    expect(claims?.jtis).toContain(license?.id);
    const again = await fetch(`${booted.plane.url}/.well-known/revocations.jwt`, { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it('comes back as another one, which the instance holds within moments; both are in the audit log', async () => {
    const before = await view();
    await reinstate();
    const risen = await untilState('licensed');
    expect(risen.license?.id).not.toBe(before.license?.id);
    expect(risen.license?.id).toBe((await licenseNow()).id);
    await waitFor(async () => expect(await audited()).toEqual(expect.arrayContaining(['license.revoked', 'license.reinstated'])));
  });

  it('in an emergency goes with its key: the next one is there within moments', async () => {
    const before = await licenseNow();
    await booted.admin.ask('mutation { rotateSigningKey(input: { emergency: true }) { signingKey { id } } }');
    await waitFor(async () => expect((await view()).license?.id).not.toBe(before.id));
    expect(await view()).toMatchObject({ state: 'licensed', license: { revokedAt: null } });
    const byOld = booted.client.as({ bearer: before.token });
    expect((await byOld.send('mutation { fetchLicense(input: { instance: "plant-2" }) { serverTime } }')).errors?.[0]?.extensions).toMatchObject({ reason: 'LICENSE_NOT_ACCEPTED' });
  });
});
