import { loadConfig } from '@iotistic/chassis/config';
import { runProcess } from '@iotistic/chassis/lifecycle';
import { startSubgraphProcess } from '@iotistic/chassis/subgraph-process';
import { startLicensing } from './app.ts';
import { licensingConfig } from './config.ts';

await runProcess((env) => startSubgraphProcess('licensing', 3103, env, (platform) => startLicensing(loadConfig(licensingConfig, env), platform)));
