import { loadConfig } from '@iotistic/chassis/config';
import { runProcess } from '@iotistic/chassis/lifecycle';
import { startSubgraphProcess } from '@iotistic/chassis/subgraph-process';
import { startCustomers } from './app.ts';
import { customersConfig } from './config.ts';

const PORT = 3101;

await runProcess((env) => startSubgraphProcess('customers', PORT, env, (platform) => startCustomers(loadConfig(customersConfig, env), platform)));
