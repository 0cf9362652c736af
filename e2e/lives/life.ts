import fc from 'fast-check';

/** What a customer, or its cluster, does on a day. Whether it is possible then is the plane's to say: a refusal is part of a life. */
export type Deed =
  | { day: number; kind: 'checkout'; plan: 'STARTER' | 'PROFESSIONAL'; card: string; onPage: boolean; promotionCode: boolean; abandons: boolean }
  | { day: number; kind: 'changePlan'; plan: 'STARTER' | 'PROFESSIONAL' }
  | { day: number; kind: 'cancel'; atPeriodEnd: boolean }
  | { day: number; kind: 'resume' }
  | { day: number; kind: 'newCard'; card: string }
  | { day: number; kind: 'report'; activeDevices: number; messages: number; storageGb: number; instance: string }
  | { day: number; kind: 'look' }
  | { day: number; kind: 'override'; maxDevices: number | null }
  | { day: number; kind: 'rename' }
  | { day: number; kind: 'dispute'; ends: 'won' | 'lost' | 'open'; isInquiry: boolean }
  | { day: number; kind: 'refund'; percent: number }
  | { day: number; kind: 'losesCards' }
  | { day: number; kind: 'yearly' }
  | { day: number; kind: 'deactivate' };

export interface Life {
  seed: number;
  /** The day of the year that it signs up on. */
  begins: number;
  deeds: Deed[];
}

export const GOOD_CARD = '4242424242424242';
/** Attaches, and fails when it is charged. */
export const BAD_CARD = '4000000000000341';
const DECLINED_CARD = '4000000000000002';

const plan = fc.constantFrom('STARTER' as const, 'PROFESSIONAL' as const);
const report = (day: fc.Arbitrary<number>): fc.Arbitrary<Deed> =>
  fc.record({ day, kind: fc.constant('report' as const), activeDevices: fc.nat(60), messages: fc.nat(700_000), storageGb: fc.nat(70), instance: fc.constantFrom('eu-1', 'us-1', 'us-2') });

function deeds(days: number): fc.Arbitrary<Deed[]> {
  const day = fc.integer({ min: 0, max: days - 1 });
  const checkout = fc.record({
    day,
    kind: fc.constant('checkout' as const),
    plan,
    card: fc.oneof({ weight: 8, arbitrary: fc.constant(GOOD_CARD) }, { weight: 1, arbitrary: fc.constant(BAD_CARD) }, { weight: 1, arbitrary: fc.constant(DECLINED_CARD) }),
    onPage: fc.boolean(),
    promotionCode: fc.boolean(),
    abandons: fc.oneof({ weight: 7, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  });
  const rare = fc.oneof(
    fc.record({ day, kind: fc.constant('cancel' as const), atPeriodEnd: fc.boolean() }),
    fc.record({ day, kind: fc.constant('resume' as const) }),
    fc.record({ day, kind: fc.constant('override' as const), maxDevices: fc.option(fc.integer({ min: 1, max: 900 })) }),
    fc.record({ day, kind: fc.constant('rename' as const) }),
    fc.record({ day, kind: fc.constant('newCard' as const), card: fc.constantFrom(GOOD_CARD, BAD_CARD) }),
  );
  const reversal = fc.oneof(
    fc.record({ day, kind: fc.constant('dispute' as const), ends: fc.constantFrom('won' as const, 'lost' as const, 'open' as const), isInquiry: fc.boolean() }),
    fc.record({ day, kind: fc.constant('refund' as const), percent: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ day, kind: fc.constant('losesCards' as const) }),
  );
  // Who stops paying and walks away: a card that fails, and an end at once while the renewal is open.
  const walksAway = fc.tuple(day, fc.integer({ min: 20, max: 45 })).map(([from, after]): Deed[] => [{ day: from, kind: 'newCard', card: BAD_CARD }, { day: from + after, kind: 'cancel', atPeriodEnd: false }]);
  const change = fc.record({ day, kind: fc.constant('changePlan' as const), plan });
  return fc
    .tuple(
      fc.array(checkout, { minLength: 2, maxLength: 5 }),
      fc.array(change, { maxLength: 5 }),
      fc.array(rare, { maxLength: 6 }),
      fc.array(report(day), { minLength: 4, maxLength: 24 }),
      fc.array(fc.record({ day, kind: fc.constant('look' as const) }), { minLength: 2, maxLength: 5 }),
      fc.oneof({ weight: 15, arbitrary: fc.constant<Deed[]>([]) }, { weight: 1, arbitrary: fc.record({ day, kind: fc.constant('deactivate' as const) }).map((deed): Deed[] => [deed]) }),
      fc.array(reversal, { maxLength: 3 }),
      fc.oneof({ weight: 2, arbitrary: fc.constant<Deed[]>([]) }, { weight: 1, arbitrary: walksAway }),
      fc.oneof({ weight: 9, arbitrary: fc.constant<Deed[]>([]) }, { weight: 1, arbitrary: fc.record({ day, kind: fc.constant('yearly' as const) }).map((deed): Deed[] => [deed]) }),
    )
    .map((parts) => parts.flat().toSorted((one, other) => one.day - other.day));
}

/** The life that this seed always gives. */
export function lifeOf(seed: number, days: number): Life {
  const arbitrary = fc.record({ begins: fc.nat(Math.max(1, Math.floor(days / 12))), deeds: deeds(days) });
  const [life] = fc.sample(arbitrary, { seed, numRuns: 1 });
  if (life === undefined) throw new Error(`seed ${seed} gives no life`);
  return { seed, begins: life.begins, deeds: life.deeds.filter((deed) => deed.day >= life.begins) };
}
