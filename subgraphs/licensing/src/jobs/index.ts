import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { ScheduledWork } from '@iotistic/chassis/schedule';
import type { WorkKind } from '@iotistic/chassis/work';
import { z } from 'zod';
import type { LicensingApp } from '../app.ts';
import { issueLicense } from '../service/issue-license.ts';
import { continueReissues, runReissue } from '../service/reissue-licenses.ts';
import { rememberInstance } from '../service/remember-instance.ts';
import { renewDueLicenses } from '../service/renew-license.ts';
import { revokeLicenses } from '../service/revoke-licenses.ts';
import { tendSigningKeys } from '../service/rotate-signing-key.ts';

export const events = (app: LicensingApp): EventHandlers<'licensing'> => ({
  'subscription.changed': (change) => issueLicense(app, change),
  'customer.deactivated': (deactivation) => revokeLicenses(app, deactivation),
  'instance.registered': (instance) => rememberInstance(app, instance),
  'instance.reported': (instance) => rememberInstance(app, instance),
});

const reissueJob = z.object({ id: z.string() });

export const jobs = (app: LicensingApp): Record<string, WorkKind> => ({
  'reissue-licenses': { concurrency: 1, run: (data) => runReissue(app, reissueJob.parse(data).id) },
});

const CALL_BUDGETS_AT_ONCE = 10_000;

/** The rounds of each work live as long as the schedule. */
export function schedule(app: LicensingApp): ScheduledWork[] {
  const renewDueLicensesRounds = new FairRounds();
  return [
    { name: 'renew-licenses', everyMs: 5_000, run: (signal) => renewDueLicenses(app, signal, renewDueLicensesRounds) },
    { name: 'tend-signing-keys', everyMs: 60_000, run: () => tendSigningKeys(app) },
    { name: 'prune-call-budgets', everyMs: 3_600_000, run: () => app.callLimits.prune(CALL_BUDGETS_AT_ONCE) },
    { name: 'continue-reissues', everyMs: 30_000, run: () => continueReissues(app) },
  ];
}
