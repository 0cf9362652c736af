import { startPeer } from '../../child.ts';
import type { Contestant } from '../../contestant.ts';

/** The design documents' code: jsonwebtoken is given the key as PEM text, and each license that is generated is logged. */
export const expressLicense: Contestant = { name: 'Express + pg', start: (arena) => startPeer('express-license', arena) };

/** The same, its key not read anew for each signature. */
export const expressLicenseKeyReadOnce: Contestant = { name: 'Express + pg, key read once', start: (arena) => startPeer('express-license', arena, { KEY_READ_ONCE: 'true' }) };

/** And its licenses not logged: as little as can be done where each request is signed. */
export const expressLicenseUnlogged: Contestant = { name: 'Express + pg, key read once, no history', start: (arena) => startPeer('express-license', arena, { KEY_READ_ONCE: 'true', HISTORY: 'false' }) };
