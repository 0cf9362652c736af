import { startPeer } from '../../child.ts';
import type { Contestant } from '../../contestant.ts';

export const expressLicense: Contestant = { name: 'Express + pg', start: (arena) => startPeer('express-license', arena) };

/** The same, its licenses not logged. */
export const expressLicenseWithoutHistory: Contestant = { name: 'Express + pg, without history', start: (arena) => startPeer('express-license', arena, { HISTORY: 'false' }) };
