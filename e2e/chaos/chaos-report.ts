import { INVARIANTS } from './invariants.ts';
import type { ChaosReport } from './run-chaos.ts';
import type { PlantedOutcome } from './run-planted.ts';

function table(head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => (cell === null ? '' : typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = (column: number): boolean => rows.every((row) => typeof row[column] !== 'string');
  const line = (row: readonly string[]): string => row.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd();
  return [line(cells[0] ?? []), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

/** What was done to the plane. */
export function injectedTable({ injected, reports }: ChaosReport): string {
  return table(['injected', 'times'], [...injected.filter(([, count]) => count > 0), ['reports spooled', reports]]);
}

/** Each customer and meter, from the product to Stripe. */
export function meterTable({ rows }: ChaosReport): string {
  const head = ['customer', 'meter', 'counted', 'spooled', 'stored', 'rolled up', 'measured', 'sent', 'units', 'at Stripe'];
  return table(head, rows.map((row) => [row.customer, row.meter, row.traffic, row.spooled, row.stored, row.rolledUp, row.measured, row.sent, row.units, row.atStripe]));
}

/** All differences, by what they break; or that there are none. */
export function verdict({ differences, reports, settledInMs, folder }: ChaosReport): string {
  const settled = `came to rest ${(settledInMs / 1000).toFixed(1)} s after the last fault`;
  if (differences.length === 0) return `${reports} reports: spooled = stored = rolled up = sent = billed, for every customer and meter; ${settled}.`;
  const lines = differences.map(({ invariant, what }) => `  ${invariant}: ${what}`);
  const broken = [...new Set(differences.map(({ invariant }) => invariant))].map((invariant) => `  ${invariant}: ${INVARIANTS[invariant]}`);
  return [`${differences.length} differences (${settled}):`, ...lines, 'What should hold:', ...broken, `Logs and tallies: ${folder}`].join('\n');
}

/** Each planted bug, and what caught it. */
export function plantedTable(outcomes: readonly PlantedOutcome[]): string {
  return table(['planted bug', 'caught', 'by'], outcomes.map(({ bug, isCaught, caughtBy }) => [bug.name, isCaught ? 'yes' : 'NO', caughtBy.join(', ')]));
}
