/** Sequence numbers as PostgreSQL's int8multirange writes them: runs of neighbours, `{[1,720],[730,731]}`. In any order, any number often. */
export function toMultirange(sequences: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const sequence of [...sequences].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && sequence <= run[1] + 1) run[1] = sequence;
    else runs.push([sequence, sequence]);
  }
  return `{${runs.map(([from, to]) => `[${from},${to}]`).join()}}`;
}
