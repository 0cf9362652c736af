import { Command } from 'commander';

await new Command('iotctl').description('Operates the control plane').parseAsync();
