import { z } from 'zod';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject } from '../find-object.ts';
import { pageV2 } from '../lists-v2.ts';
import { array, hash, integer, text } from '../params.ts';
import { THIN_EVENTS, type ThinEventRecord } from './event-records.ts';

const URL = '/v2/core/events';
const time = z.iso.datetime({ offset: true });

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: hash({}), run: ({ simulation, path }) => getObject(simulation, THIN_EVENTS, path['id']) });

const listEvents = endpoint({
  method: 'GET',
  path: URL,
  params: hash({ limit: integer({ min: 1, max: 100 }).optional(), page: text().optional(), object_id: text().optional(), types: array(text()).optional(), created: hash({ gt: time.optional(), gte: time.optional(), lt: time.optional(), lte: time.optional() }).optional() }),
  run({ simulation, params }) {
    const { object_id, types, created = {} } = params;
    const records = simulation.store.all<ThinEventRecord>(THIN_EVENTS).filter((event) => (object_id === undefined || event.related_object?.id === object_id) && (types === undefined || types.includes(event.type)) && isWithin(event.created, created));
    return pageV2(records, params, URL);
  },
});

export const thinEventEndpoints: Endpoint[] = [retrieve, listEvents];

function isWithin(time: string, { gt, gte, lt, lte }: { gt?: string | undefined; gte?: string | undefined; lt?: string | undefined; lte?: string | undefined }): boolean {
  const at = new Date(time).getTime();
  const msOf = (limit: string | undefined, otherwise: number): number => (limit === undefined ? otherwise : new Date(limit).getTime());
  return at > msOf(gt, -Infinity) && at >= msOf(gte, -Infinity) && at < msOf(lt, Infinity) && at <= msOf(lte, Infinity);
}
