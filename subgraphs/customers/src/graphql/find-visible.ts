import { maySee } from '@iotistic/chassis/access';
import type { Caller } from '@iotistic/contracts/caller';

/** The customer of this id, if there is one and the caller may know of it: to others it does not exist, and is not read. */
export function findVisibleCustomer<R>(caller: Caller, id: string, find: (id: string) => Promise<R | null>): Promise<R | null> {
  return maySee(caller, id) ? find(id) : Promise.resolve(null);
}

/** The same of a customer's object, which alone says whose it is. */
export async function findVisibleObject<R extends { customerId: string }>(caller: Caller, object: Promise<R | null>): Promise<R | null> {
  const known = await object;
  return known !== null && maySee(caller, known.customerId) ? known : null;
}
