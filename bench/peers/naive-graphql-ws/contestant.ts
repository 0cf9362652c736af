import { startPeer } from '../../child.ts';
import type { Contestant } from '../../contestant.ts';

export const naiveGraphqlWs: Contestant = { name: 'naive graphql-ws', start: (arena) => startPeer('naive-graphql-ws', arena) };
