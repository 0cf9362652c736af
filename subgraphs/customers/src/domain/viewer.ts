import type { Caller } from '@iotistic/contracts/caller';

export interface AdminViewer {
  __typename: 'AdminViewer';
  name: string;
}

export interface UserViewer {
  __typename: 'UserViewer';
  userId: string;
  customerId: string;
}

export interface InstanceViewer {
  __typename: 'InstanceViewer';
  customerId: string;
}

/** Who the caller is to itself; null for one without a credential. */
export function viewerOf(caller: Caller): AdminViewer | UserViewer | InstanceViewer | null {
  switch (caller.kind) {
    case 'admin':
      return { __typename: 'AdminViewer', name: caller.name };
    case 'user':
      return { __typename: 'UserViewer', userId: caller.userId, customerId: caller.customerId };
    case 'instance':
      return { __typename: 'InstanceViewer', customerId: caller.customerId };
    default:
      return null;
  }
}
