import type { Caller } from '@iotistic/contracts/caller';

/** What a shared live operation may depend on: whose data it is and in which role it is read, never who exactly reads it. */
export interface LiveScope {
  key: string;
  /** Handed to the subgraphs: a pure function of the key, so that sharing can never show one client what another may see. */
  caller: Caller;
}

const SHARED = 'live';

export function liveScopeOf(caller: Caller): LiveScope {
  switch (caller.kind) {
    case 'admin':
      return { key: 'admin', caller: { kind: 'admin', name: SHARED } };
    case 'user':
      return { key: `user ${caller.customerId}`, caller: { kind: 'user', customerId: caller.customerId, userId: SHARED, sessionId: SHARED } };
    case 'instance':
      return { key: `instance ${caller.credential} ${caller.customerId}`, caller: { kind: 'instance', customerId: caller.customerId, credential: caller.credential, credentialId: SHARED } };
    default:
      return { key: caller.kind, caller };
  }
}
