import { generateLoad, type LoadTimes } from '../load-generator.ts';
import { createRequestMakers, EXPECTED, type Traffic } from './requests.ts';

export interface LoadOrder extends LoadTimes {
  traffic: Omit<Traffic, 'host'>;
}

generateLoad(({ url, traffic }: LoadOrder) => ({ url, connections: traffic.connections, makers: createRequestMakers({ ...traffic, host: new URL(url).host }), expected: EXPECTED[traffic.asking] }));
