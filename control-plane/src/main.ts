import { loadConfig } from '@iotistic/chassis/config';
import { runProcess } from '@iotistic/chassis/lifecycle';
import { bannerOf } from './banner.ts';
import { planeConfig } from './config.ts';
import { startPlane } from './plane.ts';

await runProcess(async (environment) => {
  const plane = await startPlane(loadConfig(planeConfig, environment), environment);
  process.stdout.write(bannerOf(plane));
  return plane;
});
