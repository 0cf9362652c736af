import { startPeer } from '../../child.ts';
import type { Contestant } from '../../contestant.ts';

export const expressRest: Contestant = { name: 'Express + pg REST', start: (arena) => startPeer('express-rest', arena) };
