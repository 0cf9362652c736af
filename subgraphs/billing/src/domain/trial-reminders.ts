const DAY_MS = 86_400_000;
/** How many days before a trial's end its customer is reminded; the nearest first. */
const REMINDER_DAYS = [1, 3, 7] as const;

export interface TrialReminder {
  daysLeft: (typeof REMINDER_DAYS)[number];
  /** The same for the same reminder, whoever finds it due and however often. By the day: a trial that goes to Stripe may end a second later. */
  key: string;
}

/** The reminder due now; one that was missed is not made up for once a nearer one is due. None that a trial is too short for. */
export function dueReminder(trial: { subscriptionId: string; startedAt: Date | null; endsAt: Date }, now: Date): TrialReminder | null {
  const leftMs = trial.endsAt.getTime() - now.getTime();
  const daysLeft = REMINDER_DAYS.find((days) => leftMs <= days * DAY_MS);
  if (leftMs <= 0 || daysLeft === undefined) return null;
  const lastsMs = trial.startedAt === null ? Infinity : trial.endsAt.getTime() - trial.startedAt.getTime();
  if (lastsMs <= daysLeft * DAY_MS) return null;
  return { daysLeft, key: `trial_ending:${trial.subscriptionId}:${trial.endsAt.toISOString().slice(0, 10)}:${daysLeft}` };
}
