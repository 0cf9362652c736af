import type { EventPayload } from '@iotistic/contracts/events';
import { type BillingMail, letter, linkTo } from './mails.ts';

/** Of a deployment that no attempt could bring to its end. The operator reads what went wrong; the customer, that it can try again. */
export function deploymentFailedMail(facts: { change: EventPayload<'deployment.changed'>; name: string; reader: 'customer' | 'operator'; consoleUrl: string; unsubscribeUrl?: string }): BillingMail {
  const { change, name, reader, consoleUrl, unsubscribeUrl } = facts;
  const key = `deployment_failed:${change.deploymentId}:${change.run}:${reader}`;
  const what = change.operation === 'DEPLOY' ? 'deployment' : 'removal';
  if (reader === 'operator') {
    const reason = change.reason ?? 'UNEXPECTED';
    const fact = `The ${what} of ${change.instanceName}, an instance of ${name === '' ? change.customerId : `${name} (${change.customerId})`}, failed: ${reason}.`;
    const advice = `Read its log: iotctl deployments logs ${change.deploymentId}. Once the cause is mended, try again: iotctl deployments retry ${change.deploymentId}.`;
    return letter(key, `The ${what} of ${change.instanceName} failed (${reason})`, '', [fact, change.error ?? '', advice].filter((line) => line !== ''), linkTo(consoleUrl, `/deployments/${change.deploymentId}`, 'The deployment'));
  }
  const attempts = `The ${what} of your instance ${change.instanceName} failed after several attempts.`;
  return letter(key, `Your Iotistic instance ${change.instanceName} could not be ${change.operation === 'DEPLOY' ? 'deployed' : 'removed'}`, name, [attempts, 'You can try again on the page of your instances, or write to us.'], linkTo(consoleUrl, '/instances', 'Your instances'), unsubscribeUrl);
}
