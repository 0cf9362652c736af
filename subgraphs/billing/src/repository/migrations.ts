import type { Migrations } from '@iotistic/chassis/migrate';
import * as initial from './migrations/0001_initial.ts';
import * as addStripe from './migrations/0002_add_stripe.ts';
import * as addSettlement from './migrations/0003_add_settlement.ts';
import * as addReconciliation from './migrations/0004_add_reconciliation.ts';
import * as addMoneyOwed from './migrations/0005_add_money_owed.ts';
import * as addStripeFindings from './migrations/0006_add_stripe_findings.ts';
import * as addMailPreferences from './migrations/0008_add_mail_preferences.ts';

export const migrations: Migrations = {
  '0001_initial': initial,
  '0002_add_stripe': addStripe,
  '0003_add_settlement': addSettlement,
  '0004_add_reconciliation': addReconciliation,
  '0005_add_money_owed': addMoneyOwed,
  '0006_add_stripe_findings': addStripeFindings,
  '0008_add_mail_preferences': addMailPreferences,
};
