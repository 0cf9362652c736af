import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { cancelSubscription, type Subscription, trialFor } from '../domain/subscription.ts';

/** A customer's subscription: as stored, and until its sign-up was handled as that will store it. Queries never write and never wait. */
export async function getSubscription(app: Pick<BillingApp, 'loaders' | 'config'>, customer: { id: string; createdAt?: Date | string | undefined }): Promise<Subscription> {
  const { subscription, deactivatedAt } = await app.loaders.standings.load(customer.id);
  if (subscription !== null) return subscription;
  const createdAt = new Date(customer.createdAt ?? Number.NaN);
  if (Number.isNaN(createdAt.getTime())) throw new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND');
  const trial = trialFor({ customerId: customer.id, createdAt }, app.config.TRIAL_DAYS);
  return deactivatedAt === null ? trial : cancelSubscription(trial, deactivatedAt);
}
