import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject } from '../find-object.ts';
import { createdIn, list } from '../lists.ts';
import { boolean, createdRange, hash, listParams, metadata, params, text, unsettable, withMetadata } from '../params.ts';
import { answerDispute, closeDispute, EVIDENCE_FIELDS } from './disputes.ts';
import { type DisputeRecord, DISPUTES } from './payment-records.ts';

const URL_ = '/v1/disputes';
const evidence = hash(Object.fromEntries(EVIDENCE_FIELDS.map((field) => [field, unsettable(text(20_000)).optional()])));

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => getObject<DisputeRecord>(simulation, DISPUTES, path['id']) });

const listDisputes = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ charge: text().optional(), payment_intent: text().optional(), created: createdRange().optional() }),
  run({ simulation, params: { charge, payment_intent: intent, created, ...page } }) {
    const found = charge === undefined ? allObjects<DisputeRecord>(simulation, DISPUTES) : simulation.store.by<DisputeRecord>(DISPUTES, 'charge', charge);
    return list(createdIn(found, created).filter((dispute) => intent === undefined || dispute.payment_intent === intent), page, URL_);
  },
});

const update = endpoint({
  method: 'POST',
  path: `${URL_}/:id`,
  params: params({ evidence: evidence.optional(), metadata: metadata().optional(), submit: boolean().optional() }),
  run({ simulation, path, params: given }) {
    const dispute = getObject<DisputeRecord>(simulation, DISPUTES, path['id']);
    const changed = given.metadata === undefined ? undefined : withMetadata(dispute.metadata, given.metadata);
    return answerDispute(simulation, dispute.id, { evidence: (given.evidence ?? {}) as Record<string, string | null>, metadata: changed, submit: given.submit ?? true });
  },
});

/** Accepts that it is lost. */
const close = endpoint({ method: 'POST', path: `${URL_}/:id/close`, params: params({}), run: ({ simulation, path }) => closeDispute(simulation, path['id'] ?? '', 'lost') });

export const disputeEndpoints: Endpoint[] = [retrieve, listDisputes, update, close];
