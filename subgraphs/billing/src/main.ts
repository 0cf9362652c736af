import { loadConfig } from '@iotistic/chassis/config';
import { runProcess } from '@iotistic/chassis/lifecycle';
import { startSubgraphProcess } from '@iotistic/chassis/subgraph-process';
import { startBilling } from './app.ts';
import { billingConfig } from './config.ts';

await runProcess((env) => startSubgraphProcess('billing', 3102, env, (platform) => startBilling(loadConfig(billingConfig, env), platform)));
