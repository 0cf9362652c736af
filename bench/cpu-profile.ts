import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './statistics.ts';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  /** Node ids, and the µs since the sample before. */
  samples: number[];
  timeDeltas: number[];
  /** µs of the monotonic clock. */
  startTime: number;
}

/** From `process.hrtime.bigint()`: V8's profiles are on the same clock. */
export interface Span {
  from: bigint;
  to: bigint;
}

const FRAMES_SHOWN = 20;
const PACKAGES_SHOWN = 15;
const NOT_WORK = new Set(['(idle)', '(program)']);

/** Flags for node; it writes when it ends. */
export function profilingInto(folder: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=250'];
}

/** Where a server spent its own time within the span: by frame and by package, in percent of the time that it was not idle. */
export function showProfiles(folder: string, span: Span): string {
  const byFrame = new Map<string, number>();
  const byPackage = new Map<string, number>();
  let idle = 0;
  let total = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
    for (const { frame, packageName, microseconds } of samplesOf(profile, span)) {
      total += microseconds;
      if (frame === '(idle)') {
        idle += microseconds;
        continue;
      }
      byFrame.set(frame, (byFrame.get(frame) ?? 0) + microseconds);
      byPackage.set(packageName, (byPackage.get(packageName) ?? 0) + microseconds);
    }
  }
  const top = (times: Map<string, number>, count: number): string[][] =>
    [...times].toSorted(([, a], [, b]) => b - a).slice(0, count).map(([name, time]) => [name, `${((100 * time) / (total - idle)).toFixed(1)} %`]);
  const busy = `Sampled ${(total / 1_000_000).toFixed(1)} s, idle ${((100 * idle) / total).toFixed(0)} % of it.`;
  return [busy, markdownTable(['self time by frame', 'of busy time'], top(byFrame, FRAMES_SHOWN)), markdownTable(['self time by package', 'of busy time'], top(byPackage, PACKAGES_SHOWN))].join('\n\n');
}

function samplesOf(profile: Profile, span: Span): { frame: string; packageName: string; microseconds: number }[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  let at = profile.startTime;
  return profile.samples.flatMap((id, index) => {
    const microseconds = profile.timeDeltas[index] ?? 0;
    at += microseconds;
    const name = names.get(id);
    const isInside = at >= Number(span.from / 1000n) && at <= Number(span.to / 1000n);
    return name !== undefined && isInside ? [{ ...name, microseconds }] : [];
  });
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): { frame: string; packageName: string } {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (NOT_WORK.has(name) || name === '(garbage collector)') return { frame: name, packageName: name };
  if (url === '') return { frame: `${name} (native)`, packageName: '(native)' };
  const path = url.replace(/^file:\/\//, '').replace(/^.*\/node_modules\//, '').replace(/^.*?\/((?:packages|gateway|subgraphs|control-plane|bench)\/)/, '$1');
  const packageName = /^(packages\/[^/]+|subgraphs\/[^/]+|gateway|control-plane|node:internal|node:[^/]+|@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[1] ?? path;
  return { frame: `${name} ${path}:${lineNumber + 1}`, packageName };
}
