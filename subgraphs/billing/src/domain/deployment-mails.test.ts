import { expect, it } from 'vitest';
import { deploymentFailedMail } from './deployment-mails.ts';

const change = { customerId: 'cust_1', deploymentId: 'depl_1', instanceId: 'inst_1', instanceName: 'prod', operation: 'DEPLOY' as const, status: 'FAILED' as const, run: 2, reason: 'HELM_FAILED', error: 'Error: <no> such chart', at: '2026-12-20T12:00:00.000Z' };

it('the operator reads what went wrong and what to do, the customer that it may try again', () => {
  const operator = deploymentFailedMail({ change, name: 'Acme', reader: 'operator', consoleUrl: 'https://console.example/' });
  expect(operator).toMatchObject({ key: 'deployment_failed:depl_1:2:operator', subject: 'The deployment of prod failed (HELM_FAILED)' });
  for (const words of ['Acme (cust_1)', 'Error: <no> such chart', 'iotctl deployments logs depl_1', 'iotctl deployments retry depl_1']) expect(operator.text).toContain(words);
  expect(operator.html).not.toContain('<no>');
  const customer = deploymentFailedMail({ change: { ...change, operation: 'REMOVE' }, name: 'Acme', reader: 'customer', consoleUrl: 'https://console.example/' });
  expect(customer).toMatchObject({ key: 'deployment_failed:depl_1:2:customer', subject: 'Your Iotistic instance prod could not be removed' });
  expect(customer.text).not.toContain('such chart');
});
