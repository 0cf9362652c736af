import { loadConfig } from '@iotistic/chassis/config';
import { runProcess } from '@iotistic/chassis/lifecycle';
import { startSubgraphProcess } from '@iotistic/chassis/subgraph-process';
import { startUsage } from './app.ts';
import { usageConfig } from './config.ts';

await runProcess((environment) => startSubgraphProcess('usage', 3104, environment, (platform) => startUsage(loadConfig(usageConfig, environment), platform)));
