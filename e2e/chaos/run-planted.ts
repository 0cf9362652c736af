import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Invariant, INVARIANTS } from './invariants.ts';
import { PLANTED_SCENARIO, type PlantedBug } from './planted-bugs.ts';
import { plantProduct } from './planted-product.ts';
import { type ChaosReport, runChaos } from './run-chaos.ts';

export interface PlantedOutcome {
  bug: PlantedBug;
  /** What did not hold, in the order of the invariants. */
  caughtBy: Invariant[];
  /** Whether one of those is what the bug breaks. */
  isCaught: boolean;
  report: ChaosReport;
}

/**
 * The bug's own faults on a copy of the product that has the bug.
 * @param isControl without the bug: then nothing may differ, or the faults and not the bug would be what is caught.
 */
export async function runPlanted(bug: PlantedBug, options: { seed: number; isControl?: boolean; say?: (text: string) => void }): Promise<PlantedOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-planted-'));
  try {
    plantProduct(folder, options.isControl === true ? [] : bug.edits);
    const report = await runChaos({ ...PLANTED_SCENARIO, ...bug.scenario, seed: options.seed }, { productRoot: folder, ...(options.say === undefined ? {} : { say: options.say }) });
    const broken = new Set(report.differences.map(({ invariant }) => invariant));
    rmSync(report.folder, { recursive: true, force: true });
    return { bug, caughtBy: (Object.keys(INVARIANTS) as Invariant[]).filter((invariant) => broken.has(invariant)), isCaught: bug.breaks.some((invariant) => broken.has(invariant)), report };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
