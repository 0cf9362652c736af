import { runProcess } from '@iotistic/chassis/lifecycle';
import { startGatewayProcess } from './gateway-process.ts';

await runProcess(startGatewayProcess);
