import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { DUE } from '../due-queue.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { listParams, params, text, timestamp } from '../params.ts';
import { StripeError } from '../stripe-error.ts';
import { TEST_CLOCKS, type TestClockRecord } from '../timekeeper.ts';

const URL = '/v1/test_helpers/test_clocks';
const DAY_SECONDS = 86_400;
const KEPT_DAYS = 30;
const MAX_ADVANCE_DAYS = 2 * 366;

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({ frozen_time: timestamp(), name: text(300).optional() }),
  run({ simulation, params: { frozen_time, name = null } }) {
    const now = simulation.now();
    const clock = simulation.store.put<TestClockRecord>(TEST_CLOCKS, { id: simulation.newId('clock'), object: 'test_helpers.test_clock', created: now, deletes_after: now + KEPT_DAYS * DAY_SECONDS, frozen_time, livemode: false, name, status: 'ready', status_details: {}, internal: { target: null } });
    simulation.emit('test_helpers.test_clock.created', clock);
    return clock;
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => getObject(simulation, TEST_CLOCKS, path['id']) });

const listClocks = endpoint({ method: 'GET', path: URL, params: listParams({}), run: ({ simulation, params: page }) => list(simulation.store.all<TestClockRecord>(TEST_CLOCKS), page, URL) });

/** The clock is on its way when this answers, and `ready` soon afterwards. */
const advance = endpoint({
  method: 'POST',
  path: `${URL}/:id/advance`,
  params: params({ frozen_time: timestamp() }),
  run({ simulation, path, params: { frozen_time: target } }) {
    const clock = getObject<TestClockRecord>(simulation, TEST_CLOCKS, path['id']);
    if (clock.status !== 'ready') throw new StripeError('invalid_request_error', 429, 'The test clock is still advancing: wait until it is ready.', { code: 'lock_timeout' });
    if (target <= clock.frozen_time) throw StripeError.invalid('Test clocks can only be advanced forward in time.', { param: 'frozen_time' });
    if (target > clock.frozen_time + MAX_ADVANCE_DAYS * DAY_SECONDS) throw StripeError.invalid('The test clock cannot be advanced that far at once.', { param: 'frozen_time' });
    const advancing = simulation.store.put<TestClockRecord>(TEST_CLOCKS, { ...clock, status: 'advancing', status_details: { advancing: { target_frozen_time: target } }, internal: { target } });
    simulation.emit('test_helpers.test_clock.advancing', advancing);
    return advancing;
  },
});

/** What lived by it goes with it. */
const remove = endpoint({
  method: 'DELETE',
  path: `${URL}/:id`,
  params: params({}),
  run({ simulation, path }) {
    const clock = getObject<TestClockRecord>(simulation, TEST_CLOCKS, path['id']);
    for (const customer of simulation.store.by<CustomerRecord>(CUSTOMERS, 'test_clock', clock.id)) simulation.store.put(CUSTOMERS, { id: customer.id, object: 'customer', deleted: true });
    for (const due of simulation.store.by<{ id: string }>(DUE, 'clock', clock.id)) simulation.store.remove(DUE, due.id);
    simulation.store.remove(TEST_CLOCKS, clock.id);
    simulation.emit('test_helpers.test_clock.deleted', clock);
    return { id: clock.id, object: 'test_helpers.test_clock', deleted: true };
  },
});

export const testClockEndpoints: Endpoint[] = [create, retrieve, listClocks, advance, remove];
