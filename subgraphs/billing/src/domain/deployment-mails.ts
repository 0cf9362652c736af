import type { EventPayload } from '@iotistic/contracts/events';
import { type BillingMail, letter } from './mails.ts';

/** Of a deployment that no attempt could bring to its end. The operator is told what went wrong; the customer that it is not theirs to mend. */
export function deploymentFailedMail(facts: { change: EventPayload<'deployment.changed'>; name: string; reader: 'customer' | 'operator'; consoleUrl: string }): BillingMail {
  const { change, name, reader, consoleUrl } = facts;
  const key = `deployment_failed:${change.deploymentId}:${change.run}:${reader}`;
  const what = change.operation === 'DEPLOY' ? 'deployment' : 'removal';
  const link = { label: 'The console', url: consoleUrl };
  if (reader === 'operator') {
    return letter(key, `The ${what} of ${change.instanceName} failed (${change.reason ?? 'UNEXPECTED'})`, '', [`The ${what} of ${change.instanceName}, an instance of ${name === '' ? change.customerId : `${name} (${change.customerId})`}, failed: ${change.reason ?? 'UNEXPECTED'}.`, change.error ?? '', `Its log: iotctl deployments logs ${change.deploymentId}. Once its cause is mended: iotctl deployments retry ${change.deploymentId}.`].filter((line) => line !== ''), link);
  }
  return letter(key, `Your Iotistic instance ${change.instanceName} could not be ${change.operation === 'DEPLOY' ? 'deployed' : 'removed'}`, name, [`The ${what} of your instance ${change.instanceName} failed after several attempts.`, 'You can try again from your account, or write to us.'], link);
}
