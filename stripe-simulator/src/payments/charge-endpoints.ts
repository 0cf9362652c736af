import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject } from '../find-object.ts';
import { createdIn, list } from '../lists.ts';
import { createdRange, listParams, params, text } from '../params.ts';
import { type ChargeRecord, CHARGES } from './payment-records.ts';

const URL_ = '/v1/charges';

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => getObject<ChargeRecord>(simulation, CHARGES, path['id']) });

const listCharges = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ customer: text().optional(), payment_intent: text().optional(), created: createdRange().optional() }),
  run({ simulation, params: { customer, payment_intent: intent, created, ...page } }) {
    const found = customer === undefined ? allObjects<ChargeRecord>(simulation, CHARGES) : simulation.store.by<ChargeRecord>(CHARGES, 'customer', customer);
    return list(createdIn(found, created).filter((charge) => intent === undefined || charge.payment_intent === intent), page, URL_);
  },
});

export const chargeEndpoints: Endpoint[] = [retrieve, listCharges];
