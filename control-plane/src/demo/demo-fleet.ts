/** Days that the demo lives: a trial, then a whole billed month and what comes after its invoice. */
export const DEMO_DAYS = 47;

/** One cluster of a customer's, and what it uses. */
export interface DemoInstance {
  name: string;
  totalDevices: number;
  /** On a working day at noon; somewhat less at night and at weekends. */
  activeDevices: number;
  messagesPerDeviceHour: number;
  storageGb: number;
  /** It could not reach the plane from the first day to the second, and told it all afterwards. */
  offlineDays?: readonly [from: number, to: number];
  /** On this day something floods it with messages. */
  floodDay?: number;
  /** From this day on nothing is heard of it. */
  silentFromDay?: number;
}

/** What a customer does on a day of its life, counted from the demo's first. */
export type DemoDeed = { day: number } & (
  | { kind: 'buys'; plan: 'PROFESSIONAL' | 'STARTER' }
  | { kind: 'changesCard'; card: string }
  | { kind: 'cancels'; reason: string }
  | { kind: 'signsContract'; maxDevices: number; reason: string }
  | { kind: 'deploys'; instance: string }
  | { kind: 'removes'; instance: string }
);

export interface DemoCustomer {
  /** Names it in the demo's own file. */
  key: string;
  companyName: string;
  fullName: string;
  email: string;
  signsUpOnDay: number;
  deeds: readonly DemoDeed[];
  instances: readonly DemoInstance[];
}

/** A card that is accepted, and declined when it is charged. */
const FAILING_CARD = '4000000000000341';

/**
 * So many times as many messages as on other days. The demo's days begin at the hour of its start, and a trend is judged by
 * the days of UTC: even a flood that two such days share must stand out on one of them, on a Sunday too.
 */
export const FLOOD = 24;

/** A small fleet: each customer is there to show one thing. */
export const DEMO_FLEET: readonly DemoCustomer[] = [
  {
    // Pays for more than is included. One cluster was away for three days and told of them after the invoice: a true-up. The other is flooded: an anomaly.
    key: 'northwind',
    companyName: 'Northwind Logistics',
    fullName: 'Marit Holm',
    email: 'marit@northwind.example',
    signsUpOnDay: 0,
    deeds: [{ day: 2, kind: 'buys', plan: 'PROFESSIONAL' }],
    instances: [
      { name: 'rotterdam-prod', totalDevices: 18, activeDevices: 16, messagesPerDeviceHour: 90, storageGb: 31, floodDay: DEMO_DAYS - 1 },
      { name: 'hamburg-prod', totalDevices: 10, activeDevices: 9, messagesPerDeviceHour: 75, storageGb: 14, offlineDays: [38, 40] },
    ],
  },
  {
    key: 'meridian',
    companyName: 'Meridian Energy',
    fullName: 'Tomas Rehak',
    email: 'tomas@meridian.example',
    signsUpOnDay: 1,
    deeds: [{ day: 4, kind: 'signsContract', maxDevices: 2_000, reason: 'contract ME-1044' }],
    instances: [
      { name: 'grid-north', totalDevices: 420, activeDevices: 388, messagesPerDeviceHour: 120, storageGb: 210 },
      { name: 'grid-south', totalDevices: 260, activeDevices: 241, messagesPerDeviceHour: 110, storageGb: 140 },
    ],
  },
  {
    key: 'quarry',
    companyName: 'Old Quarry Works',
    fullName: 'Ines Duarte',
    email: 'ines@oldquarry.example',
    signsUpOnDay: 3,
    deeds: [
      { day: 6, kind: 'buys', plan: 'STARTER' },
      { day: 42, kind: 'cancels', reason: 'the quarry closes' },
    ],
    instances: [{ name: 'pit-1', totalDevices: 6, activeDevices: 5, messagesPerDeviceHour: 20, storageGb: 2, silentFromDay: 42 }],
  },
  {
    // $44.00 a month: eight devices, of which five are included.
    key: 'harbor',
    companyName: 'Harbor Cold Chain',
    fullName: 'Grace Lindqvist',
    email: 'grace@harborcold.example',
    signsUpOnDay: 5,
    deeds: [
      { day: 21, kind: 'buys', plan: 'STARTER' },
      // By its name the simulation knows that it fails (subgraphs/customers/src/clients/simulated-cluster.ts).
      { day: 23, kind: 'deploys', instance: 'fail-annex' },
      { day: 25, kind: 'deploys', instance: 'old-annex' },
      { day: 40, kind: 'removes', instance: 'old-annex' },
    ],
    instances: [{ name: 'warehouse-a', totalDevices: 9, activeDevices: 8, messagesPerDeviceHour: 40, storageGb: 4 }],
  },
  {
    // Its card fails at the end of the trial; its cluster has not been heard of for days.
    key: 'delta',
    companyName: 'Delta Mills',
    fullName: 'Paul Okafor',
    email: 'paul@deltamills.example',
    signsUpOnDay: 22,
    deeds: [
      { day: 24, kind: 'buys', plan: 'PROFESSIONAL' },
      { day: 30, kind: 'changesCard', card: FAILING_CARD },
    ],
    instances: [{ name: 'mill-2', totalDevices: 14, activeDevices: 12, messagesPerDeviceHour: 60, storageGb: 9, silentFromDay: 43 }],
  },
  {
    // Nine of ten devices: the alert at 80 % has gone out.
    key: 'brightfarms',
    companyName: 'Bright Farms',
    fullName: 'Yuki Tanaka',
    email: 'yuki@brightfarms.example',
    signsUpOnDay: 38,
    deeds: [],
    instances: [{ name: 'greenhouse-1', totalDevices: 10, activeDevices: 9, messagesPerDeviceHour: 30, storageGb: 1 }],
  },
];

/** What is being rolled out when the demo is shown: the first hangs, so that the others find two workers, and one has to wait. */
export const ROLLOUT: readonly { customer: string; instance: string }[] = [
  { customer: 'northwind', instance: 'hang-staging' },
  ...['grid-east', 'grid-west', 'grid-islands', 'grid-coast'].map((instance) => ({ customer: 'meridian', instance })),
];

/** The clusters that are still running at the demo's end. */
export function runningInstances(): { customer: DemoCustomer; instance: DemoInstance }[] {
  return DEMO_FLEET.flatMap((customer) => customer.instances.filter(({ silentFromDay }) => silentFromDay === undefined).map((instance) => ({ customer, instance })));
}
