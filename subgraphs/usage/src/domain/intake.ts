/** Every report that was received, by its fate: received is the sum of the others, always. */
export interface Intake {
  received: number;
  accepted: number;
  late: number;
  duplicates: number;
  rejected: number;
}

export const NOTHING_RECEIVED: Intake = { received: 0, accepted: 0, late: 0, duplicates: 0, rejected: 0 };
