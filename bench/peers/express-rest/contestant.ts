import { startPeer } from '../../child.ts';
import type { Contestant } from '../../contestant.ts';

export const expressRest: Contestant = { name: 'Express + pg', start: (arena) => startPeer('express-rest', arena) };

/** The same, its insert prepared. */
export const expressRestPrepared: Contestant = { name: 'Express + pg, prepared', start: (arena) => startPeer('express-rest', arena, { PREPARED: 'true' }) };
