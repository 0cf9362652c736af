/** `npm run backup`, `restore`, `backup:keys`, `restore:keys`. */
import { ConfigError } from '@iotistic/chassis/config';
import { runScript } from '@iotistic/chassis/lifecycle';
import { backUp } from './back-up.ts';
import { backUpKeys, restoreKeys } from './key-backup.ts';
import { restore } from './restore.ts';

const COMMANDS = { backup: backUp, restore, 'backup-keys': backUpKeys, 'restore-keys': restoreKeys } as const;

await runScript(async (environment, [name = '', ...args], print) => {
  if (!Object.hasOwn(COMMANDS, name)) throw new ConfigError([`${name}: is none of ${Object.keys(COMMANDS).join(', ')}`]);
  await COMMANDS[name as keyof typeof COMMANDS](environment, args, print);
});
