import { NO_FAULTS } from './fault-proxy.ts';
import type { Invariant } from './invariants.ts';
import type { PlantedEdit } from './planted-product.ts';
import type { Scenario } from './scenario.ts';

/** A mistake that a team could make, as an edit of the sources, and the faults under which it shows. */
export interface PlantedBug {
  name: string;
  /** What somebody did, and why. */
  what: string;
  edits: readonly PlantedEdit[];
  /** What must catch it: one of these at least. */
  breaks: readonly Invariant[];
  scenario: Partial<Scenario>;
}

/** So many of one customer that some overtake others where they can. */
const MANY_OVERRIDES = { customers: 1, deeds: { override: 1 }, deedEveryMs: [100, 300], least: { kills: 0, reports: 50, deeds: 40 } } as const;
/** Changes that billing hears of from Stripe alone. */
const AT_STRIPE = { deeds: { endsAtStripe: 1, planAtStripe: 1 }, deedEveryMs: [700, 1_500] } as const;

const INTAKE_BUGS: readonly PlantedBug[] = [
  {
    name: 'dedupe-before-commit',
    what: 'known report ids are remembered in memory, to spare a read, before the transaction that stores them has committed',
    edits: [
      { file: 'subgraphs/usage/src/domain/fates.ts', find: 'const stored = digests.get(key);', replace: 'const stored = digests.get(key) ?? REMEMBERED.get(key);\n    REMEMBERED.set(key, stored ?? report.digest);' },
      { file: 'subgraphs/usage/src/domain/fates.ts', find: '/** The key of a report among those of all instances. */', replace: 'const REMEMBERED = new Map();' },
    ],
    breaks: ['stored'],
    scenario: { failpoints: { usage: 'pipeline.committing=throw@0.2' } },
  },
  {
    name: 'no-unique-key',
    what: 'reports are inserted with "on conflict do nothing" and nobody asks whether they were new: all are counted',
    edits: [
      { file: 'subgraphs/usage/src/repository/intake-writes.ts', find: 'return new Map(rows.map((row) => [keyOf(row.instance_no, row.report_uuid), row.digest]));', replace: 'return new Map(rows.slice(0, 0).map((row) => [keyOf(row.instance_no, row.report_uuid), row.digest]));' },
      { file: 'subgraphs/usage/src/repository/intake-writes.ts', find: 'insert into report_keys (instance_no, report_uuid, digest) select instance_no, uuid, digest from report', replace: 'insert into report_keys (instance_no, report_uuid, digest) select instance_no, uuid, digest from report on conflict do nothing' },
      { file: 'subgraphs/usage/src/repository/intake-writes.ts', find: 'from report\n    ), rolled as (', replace: 'from report on conflict do nothing\n    ), rolled as (' },
    ],
    breaks: ['rolledUp', 'fates'],
    scenario: { network: { ...NO_FAULTS, lostReply: 0.15, duplicate: 0.15 } },
  },
  {
    name: 'ttl-on-dedupe',
    what: 'idempotency keys are forgotten after a while (here a second for the usual day)',
    edits: [
      { file: 'subgraphs/usage/src/service/measuring.ts', find: 'const poll = setInterval(wake, POLL_MS);', replace: "const poll = setInterval(() => { wake(); app.db.deleteFrom('report_keys').execute().catch(() => undefined); }, 1000);" },
      { file: 'subgraphs/usage/src/repository/intake-writes.ts', find: 'from report\n    ), rolled as (', replace: 'from report on conflict do nothing\n    ), rolled as (' },
    ],
    breaks: ['rolledUp', 'fates'],
    scenario: { network: { ...NO_FAULTS, lateDuplicate: 0.2 } },
  },
  {
    name: 'duplicates-rolled-up',
    what: 'the rollups add up all reports of a call, also those that were known',
    edits: [{ file: 'subgraphs/usage/src/domain/fates.ts', find: 'for (const { customerId, report } of fresh) {', replace: 'for (const { customerId, report } of submission.reports.map((each) => ({ customerId: submission.customerId, report: each }))) {' }],
    breaks: ['rolledUp'],
    scenario: { network: { ...NO_FAULTS, lostReply: 0.1, duplicate: 0.1 } },
  },
  {
    name: 'answered-before-commit',
    what: 'a call is answered as soon as its fate is decided, while the commit goes on behind',
    edits: [
      { file: 'packages/chassis/src/pipeline.ts', find: "if (decided !== null) await this.#commit([...decided.writes, 'commit']);", replace: "if (decided !== null) void this.#commit([...decided.writes, 'commit']).catch(() => undefined);" },
      { file: 'packages/chassis/src/pipeline.ts', find: 'await this.#commit([statement]);', replace: 'void this.#commit([statement]).catch(() => undefined);' },
    ],
    breaks: ['stored'],
    scenario: { failpoints: { usage: 'pipeline.committing=throw@0.2' } },
  },
  {
    name: 'gauge-summed',
    what: 'devices are added up like messages, hour after hour, as a metered price invites to',
    edits: [{ file: 'subgraphs/usage/src/domain/meters.ts', find: "DEVICES: 'gauge',", replace: "DEVICES: 'counter'," }],
    breaks: ['measured'],
    scenario: {},
  },
];

const AGENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'acknowledged-on-any-status',
    what: 'the agent takes any answer for an acknowledgement',
    edits: [
      {
        file: 'instance-agent/src/reporter.ts',
        find: '      const failed = error instanceof ControlPlaneError ? (error.details.failedFields ?? []) : [];',
        replace: '      if (error instanceof ControlPlaneError && error.details.cause === undefined) await this.parts.spool.settle(reports.at(-1)?.sequence ?? 0);\n      const failed = error instanceof ControlPlaneError ? (error.details.failedFields ?? []) : [];',
      },
    ],
    breaks: ['stored'],
    scenario: { network: { ...NO_FAULTS, stranger: 0.2 }, kills: { usage: 1 }, killEveryMs: [3_000, 5_000] },
  },
  {
    name: 'acknowledged-before-fsync',
    what: 'the agent fsyncs its spool once a second, and says that a report is kept when it is written',
    edits: [{ file: 'instance-agent/src/spool-segments.ts', find: "await failpoint('agent.report-written');\n      await file.sync();", replace: 'setTimeout(() => void file.sync().catch(() => undefined), 1000);' }],
    breaks: ['stored', 'spooled'],
    scenario: { kills: { agents: 1 }, killEveryMs: [1_000, 2_500], network: { ...NO_FAULTS, reset: 0.5 } },
  },
  {
    name: 'new-id-for-each-try',
    what: 'the agent draws the id of a report when it sends it',
    edits: [{ file: 'instance-agent/src/reporter.ts', find: 'return await spool.noteAttempt(last.sequence);', replace: 'return (await spool.noteAttempt(last.sequence)).map((report) => ({ ...report, reportId: crypto.randomUUID() }));' }],
    breaks: ['once'],
    scenario: { network: { ...NO_FAULTS, lostReply: 0.15 } },
  },
];

const EVENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'outbox-outside-transaction',
    what: 'what was measured is published after the commit, when there is time',
    edits: [{ file: 'subgraphs/usage/src/service/measure-usage.ts', find: 'await tellBilling(tx, news, now, causes);', replace: 'setTimeout(() => void tellBilling(app.db, news, now, new Map(causes)).catch(() => undefined), 1_000);' }],
    breaks: ['told'],
    scenario: { failpoints: { usage: 'usage.measured=kill@0.2' }, least: { kills: 5, reports: 150 } },
  },
  {
    name: 'event-noted-before-its-effect',
    what: 'an event is noted as handled first, so that no second delivery can come in between',
    edits: [{ file: 'packages/chassis/src/inbox.ts', find: "    await failpoint('inbox.handling');", replace: "    await options.db.insertInto('inbox').values({ event_id: envelope.id, handled_at: options.clock.now() }).onConflict((conflict) => conflict.doNothing()).execute();\n    await failpoint('inbox.handling');" }],
    breaks: ['audited', 'agreement'],
    scenario: { failpoints: { customers: 'inbox.handling=throw@0.3', licensing: 'inbox.handling=throw@0.3' }, deeds: { override: 1 }, deedEveryMs: [100, 300], least: { kills: 0, reports: 150, deeds: 20 } },
  },
  {
    name: 'older-subscription-wins',
    what: 'licensing takes each version of a subscription that it has not, in the order in which they come',
    edits: [{ file: 'subgraphs/licensing/src/service/issue-license.ts', find: 'previous.version >= granted.version', replace: 'previous.version === granted.version' }],
    breaks: ['ordered', 'agreement'],
    scenario: { failpoints: { licensing: 'inbox.handling=delay(6000)@0.5' }, ...MANY_OVERRIDES },
  },
  {
    name: 'license-version-from-clock',
    what: 'a license is numbered by the second in which it was signed',
    edits: [{ file: 'subgraphs/licensing/src/domain/license-claims.ts', find: '    version: entitlement.version,', replace: '    version: Math.floor(Date.now() / 1000),' }],
    breaks: ['agreement'],
    scenario: { deeds: { override: 1 }, deedEveryMs: [300, 900] },
  },
  {
    name: 'license-without-lock',
    what: 'a license is issued without the lock of its customer: there is one event at a time anyway',
    edits: [{ file: 'subgraphs/licensing/src/service/issue-license.ts', find: '    await lockCustomer(tx, customerId);\n', replace: '' }],
    breaks: ['ordered', 'agreement'],
    scenario: { failpoints: { licensing: 'licensing.issuing=delay(4000)@0.5' }, ...MANY_OVERRIDES },
  },
  {
    name: 'marked-before-queued',
    what: 'events are marked as handed on before they are in the queues, and nothing hands them on once more',
    edits: [
      {
        file: 'packages/chassis/src/relay.ts',
        find: "    await addToQueues(options, rows);\n    await failpoint('relay.queued');\n",
        // Marked as of the day before yesterday, which nobody looks through again.
        replace: `    setTimeout(() => void (async () => {
      await options.db.updateTable('outbox').set({ relayed_at: new Date(options.clock.now().getTime() - 172_800_000) }).where('position', 'in', rows.map((row) => row.position)).execute();
      await failpoint('relay.queued');
      await addToQueues(options, rows);
    })().catch(() => undefined), 20);
`,
      },
    ],
    breaks: ['settled'],
    scenario: { failpoints: { usage: 'relay.queued=kill@0.2', billing: 'relay.queued=kill@0.2' }, deeds: { override: 1 }, deedEveryMs: [300, 900], least: { kills: 5, reports: 150 } },
  },
  {
    name: 'commit-not-waited-for',
    what: 'synchronous_commit is off on the pools, which makes every commit faster',
    edits: [{ file: 'packages/chassis/src/pg-session.ts', find: 'isForgetful = false }: SessionSettings', replace: 'isForgetful = true }: SessionSettings' }],
    breaks: ['stored'],
    scenario: { kills: { postgres: 1 }, killEveryMs: [3_000, 6_000], least: { kills: 3, reports: 150 } },
  },
];

const STRIPE_BUGS: readonly PlantedBug[] = [
  {
    name: 'random-identifier',
    what: 'each meter event gets an identifier of its own, as the SDK would draw it',
    edits: [{ file: 'subgraphs/billing/src/domain/stripe-meters.ts', find: '-${hash.slice(0, 40)}`', replace: '-${crypto.randomUUID()}`' }],
    breaks: ['identifiers'],
    scenario: { stripeNetwork: { ...NO_FAULTS, lostReply: 0.8 }, kills: { billing: 1 }, killEveryMs: [2_000, 4_000] },
  },
  {
    name: 'older-revision-wins',
    what: 'billing keeps what the last event says, whichever revision it is of',
    edits: [{ file: 'subgraphs/billing/src/repository/metered-quantities.ts', find: "\n        .whereRef('metered_quantities.revision', '<', 'excluded.revision'),", replace: ',' }],
    breaks: ['identifiers', 'measured', 'sent'],
    scenario: { failpoints: { billing: 'inbox.handling=delay(5000)@0.4' } },
  },
  {
    name: 'no-lock',
    what: 'the lock around what is told to Stripe is gone: there is one worker anyway',
    edits: [{ file: 'packages/chassis/src/exclusive.ts', find: 'const result = this.#run(key, work, performance.now() + waitMs);', replace: 'const result = work();' }],
    breaks: ['turns', 'identifiers', 'billed'],
    scenario: { failpoints: { billing: 'billing.sending=delay(300)' }, stripeNetwork: { ...NO_FAULTS, delay: 0.9 }, customers: 1, instancesEach: 4, tickMs: 150 },
  },
  {
    name: 'unfinished-counts-as-sent',
    what: 'a sending that was begun and has no end is taken for done, lest it be billed twice',
    edits: [
      {
        file: 'subgraphs/billing/src/service/push-meter-events.ts',
        find: '  await send(app, quantity, { stripeCustomerId, quantity: sentQuantity, revision: sentRevision, units });\n  return',
        replace: '  await app.db.transaction().execute((tx) => markSent(tx, quantity, sentRevision));\n  return',
      },
    ],
    breaks: ['identifiers', 'billed'],
    scenario: { stripeNetwork: { ...NO_FAULTS, reset: 0.7 }, kills: { billing: 1 }, killEveryMs: [3_000, 5_000] },
  },
  {
    name: 'stripe-before-sending',
    what: 'Stripe is told of a meter first, and the row says SENDING and SENT in one transaction afterwards: that spares one',
    edits: [
      { file: 'subgraphs/billing/src/service/push-meter-events.ts', find: '  await app.db.transaction().execute((tx) => markSending(tx, row, { quantity: sending.quantity, revision: sending.revision, identifier }, now));\n', replace: '' },
      {
        file: 'subgraphs/billing/src/service/push-meter-events.ts',
        find: '  await app.db.transaction().execute((tx) => markSent(tx, row, sending.revision));\n  app.billingMetrics',
        replace: '  await app.db.transaction().execute(async (tx) => {\n    await markSending(tx, row, { quantity: sending.quantity, revision: sending.revision, identifier }, now);\n    await markSent(tx, row, sending.revision);\n  });\n  app.billingMetrics',
      },
    ],
    breaks: ['noted'],
    scenario: { failpoints: { billing: 'billing.stripe-answered=kill@0.3' }, least: { kills: 2, reports: 150 } },
  },
  {
    name: 'webhook-noted-before-its-effect',
    what: "Stripe's events are marked as handled before they are applied, so that none is applied twice",
    edits: [
      {
        file: 'subgraphs/billing/src/service/apply-stripe-events.ts',
        find: "  await failpoint('billing.webhook-applying');\n",
        replace: "  await finish(app, waiting.map(({ id }) => id), 'HANDLED', customerId, null);\n  await failpoint('billing.webhook-applying');\n",
      },
    ],
    breaks: ['agreement'],
    scenario: { ...AT_STRIPE, failpoints: { billing: 'billing.webhook-applying=kill' }, instancesEach: 1, tickMs: 1_000, least: { kills: 3, reports: 0 } },
  },
];

export const PLANTED_BUGS: readonly PlantedBug[] = [...INTAKE_BUGS, ...AGENT_BUGS, ...EVENT_BUGS, ...STRIPE_BUGS];

/** Nothing goes wrong but what a bug asks for, so that what catches it is what it breaks. */
export const PLANTED_SCENARIO: Scenario = {
  seed: 1,
  faultSeconds: 20,
  settleSeconds: 120,
  giveUpAfterSeconds: 20,
  customers: 3,
  instancesEach: 2,
  agentProcesses: 2,
  tickMs: 250,
  redis: false,
  isWatched: false,
  endsPeriod: false,
  kills: {},
  killEveryMs: [2_000, 4_000],
  least: { kills: 0, reports: 150 },
  maxDownMs: 300,
  network: NO_FAULTS,
  stripeNetwork: NO_FAULTS,
  stripeFaultEveryMs: null,
  stripeFaults: {},
  failpoints: {},
  webhooks: { duplicate: 0, drop: 0, shuffle: 0 },
  cuts: {},
  cutEveryMs: null,
  deeds: {},
  deedEveryMs: null,
};
