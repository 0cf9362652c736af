import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { runProcess } from '@iotistic/chassis/lifecycle';
import { bannerOf } from './banner.ts';
import { planeConfig } from './config.ts';
import { startPlane } from './plane.ts';

await runProcess(async (environment) => {
  const [unknown] = process.argv.slice(2);
  if (unknown !== undefined) throw new ConfigError([`${unknown}: npm start takes no options; README.md lists the environment variables`]);
  const plane = await startPlane(loadConfig(planeConfig, environment), environment);
  process.stdout.write(bannerOf(plane));
  return plane;
});
