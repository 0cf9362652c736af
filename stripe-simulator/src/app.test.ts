import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, expect, it } from 'vitest';
import { startReceiver, startTestAccount } from './test-account.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

it('closes in the midst of a step of time that waits for its host', async () => {
  let isWaiting = false;
  const account = await startTestAccount({
    onTime: () => {
      isWaiting = true;
      return new Promise(() => undefined);
    },
  });
  const moved = account.simulate('/_sim/time', { days: 3 }).catch((error: unknown) => error);
  await waitFor(() => expect(isWaiting).toBe(true));
  await account.stop();
  expect(await moved).toBeInstanceOf(Error);
});

it('several side by side keep apart', async () => {
  const [one, other] = [await startTestAccount(), await startTestAccount()];
  const receiver = await startReceiver();
  closing.push(one.stop, other.stop, receiver.stop);
  const post = (url: string, body: string): Promise<Response> => fetch(url, { method: 'POST', headers: { authorization: 'Bearer sk_test_x', 'content-type': 'application/x-www-form-urlencoded' }, body });
  await post(`${one.simulator.url}/v1/webhook_endpoints`, `url=${encodeURIComponent(receiver.url)}&enabled_events[]=*`);
  await post(`${other.simulator.url}/v1/customers`, 'name=a');
  await one.simulate('/_sim/time', { days: 1 });
  expect(receiver.received).toEqual([]);
  expect(other.clock.now()).not.toEqual(one.clock.now());
});
