import { generateLoad, type LoadTimes } from '../load-generator.ts';
import { createRequestMakers, type Traffic } from './requests.ts';
import { shapeOf } from './shapes.ts';

export interface LoadOrder extends LoadTimes {
  traffic: Omit<Traffic, 'host'>;
}

generateLoad(({ url, traffic }: LoadOrder) => {
  const { path, expected } = shapeOf(traffic.sending);
  return { url: url + path, connections: traffic.connections, makers: createRequestMakers({ ...traffic, host: new URL(url).host }), expected };
});
