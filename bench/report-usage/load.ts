import { generateLoad, type LoadTimes } from '../load-generator.ts';
import { createRequestMakers, type Traffic } from './requests.ts';
import { shapeOf } from './shapes.ts';

export interface LoadOrder extends LoadTimes {
  traffic: Omit<Traffic, 'host'>;
  /** Warms up until each instance has reported: that it does so for the first time is news to the whole plane, once in its life. */
  untilAllHaveSent?: boolean;
}

generateLoad(({ url, traffic, untilAllHaveSent = false }: LoadOrder) => {
  const { path, expected } = shapeOf(traffic.sending);
  const { makers, haveAllSent } = createRequestMakers({ ...traffic, host: new URL(url).host });
  return { url: url + path, connections: traffic.connections, makers, expected, ...(untilAllHaveSent ? { isWarm: haveAllSent } : {}) };
});
