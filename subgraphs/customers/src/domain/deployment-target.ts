import { createHash } from 'node:crypto';
import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';

/** A namespace is a DNS label of 63 characters: `customer-`, eight of the customer's id, a hyphen, and this. */
const MAX_DEPLOYED_NAME_CHARACTERS = 45;
const deployedName = z
  .string()
  .max(MAX_DEPLOYED_NAME_CHARACTERS)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);

/** @throws AppError INVALID_NAME: what is deployed bears its name in addresses, so it is a DNS label of 1 to 45 characters. */
export function parseDeployedName(text: string): string {
  if (!deployedName.safeParse(text).success) {
    throw new AppError('INVALID_INPUT', 'INVALID_NAME', `To be deployed an instance needs a name of 1 to ${MAX_DEPLOYED_NAME_CHARACTERS} lower case letters, digits and hyphens, with a letter or digit at both ends.`);
  }
  return text;
}

const OF_CUSTOMER_CHARACTERS = 8;

/** Eight characters that tell customers apart where their whole id is too long: of the hash, since an id's beginning is not random everywhere. */
function shortIdOf(customerId: string): string {
  return createHash('sha256').update(customerId).digest('hex').slice(0, OF_CUSTOMER_CHARACTERS);
}

/** The namespace of an instance: always the same, so that a second attempt finds what the first one made. */
export function namespaceOf(customerId: string, name: string): string {
  return `customer-${shortIdOf(customerId)}-${name}`;
}

/** The name under which an instance answers. @param domain of all of them, such as instances.example.com */
export function hostOf(customerId: string, name: string, domain: string): string {
  return `${name}-${shortIdOf(customerId)}.${domain}`;
}
