import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { closeAll, runProcess } from '@iotistic/chassis/lifecycle';
import { bannerOf } from './banner.ts';
import { planeConfig } from './config.ts';
import { prepareDemo, startDemo } from './demo/run-demo.ts';
import { startPlane } from './plane.ts';

await runProcess(async (environment) => {
  const options = process.argv.slice(2);
  const unknown = options.find((option) => option !== '--demo');
  if (unknown !== undefined) throw new ConfigError([`${unknown}: npm start takes one option, --demo; README.md lists the environment variables`]);
  const config = loadConfig(planeConfig, environment);
  if (!options.includes('--demo')) {
    const plane = await startPlane(config, environment);
    process.stdout.write(bannerOf(plane));
    return plane;
  }
  const plane = await startPlane(config, environment, prepareDemo(config));
  process.stdout.write(bannerOf(plane));
  // The plane answers from now on: the demo is made like any client's work, and a signal ends both.
  const demo = startDemo(plane, (text) => process.stdout.write(text));
  return { drainMs: config.DRAIN_MS, close: () => closeAll([() => demo.close(), () => plane.close()]) };
});
