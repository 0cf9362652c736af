import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable } from './statistics.ts';

interface Profile {
  nodes: { id: number; children?: number[]; callFrame: { functionName: string; url: string; lineNumber: number } }[];
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
const INCLUSIVE_SHOWN = 45;
const NOT_WORK = new Set(['(idle)', '(program)']);

/** Flags for node; it writes when it ends. */
export function profilingInto(folder: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=250'];
}

interface Frame {
  name: string;
  packageName: string;
  /** Its callers and itself, each once. */
  stack: ReadonlySet<string>;
}

/** Where a server spent its time within the span: by frame alone, by package, and by frame with what it calls, in percent of the time that it was not idle. */
export function showProfiles(folder: string, span: Span): string {
  const own = new Map<string, number>();
  const packages = new Map<string, number>();
  const withCallees = new Map<string, number>();
  let idle = 0;
  let total = 0;
  const add = (times: Map<string, number>, key: string, microseconds: number): void => void times.set(key, (times.get(key) ?? 0) + microseconds);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    for (const { frame, microseconds } of samplesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile, span)) {
      total += microseconds;
      if (frame.name === '(idle)') {
        idle += microseconds;
        continue;
      }
      add(own, frame.name, microseconds);
      add(packages, frame.packageName, microseconds);
      for (const name of frame.stack) add(withCallees, name, microseconds);
    }
  }
  const table = (head: string, times: Map<string, number>, count: number): string =>
    markdownTable(
      [head, 'of busy time'],
      [...times].toSorted(([, a], [, b]) => b - a).slice(0, count).map(([name, time]) => [name, `${((100 * time) / (total - idle)).toFixed(1)} %`]),
    );
  const busy = `Sampled ${(total / 1_000_000).toFixed(1)} s, idle ${((100 * idle) / total).toFixed(0)} % of it.`;
  return [busy, table('frame, own time', own, FRAMES_SHOWN), table('package, own time', packages, PACKAGES_SHOWN), table('frame, with what it calls', withCallees, INCLUSIVE_SHOWN)].join('\n\n');
}

function samplesOf(profile: Profile, span: Span): { frame: Frame; microseconds: number }[] {
  const frames = framesOf(profile);
  let at = profile.startTime;
  return profile.samples.flatMap((id, index) => {
    const microseconds = profile.timeDeltas[index] ?? 0;
    at += microseconds;
    const frame = frames.get(id);
    const isInside = at >= Number(span.from / 1000n) && at <= Number(span.to / 1000n);
    return frame !== undefined && isInside ? [{ frame, microseconds }] : [];
  });
}

/** Parents stand before their children in a profile. */
function framesOf(profile: Profile): Map<number, Frame> {
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const frames = new Map<number, Frame>();
  for (const { id, callFrame } of profile.nodes) {
    const { name, packageName } = nameOf(callFrame);
    const callers = frames.get(parents.get(id) ?? -1)?.stack ?? [];
    frames.set(id, { name, packageName, stack: callFrame.url.startsWith('node:') || callFrame.url === '' ? new Set(callers) : new Set([...callers, name]) });
  }
  return frames;
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): { name: string; packageName: string } {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (NOT_WORK.has(name) || name === '(garbage collector)') return { name, packageName: name };
  if (url === '') return { name: `${name} (native)`, packageName: '(native)' };
  const path = url.includes('/node_modules/') ? url.replace(/^.*\/node_modules\//, '') : url.replace(/^file:\/\/.*?\/((?:packages|gateway|subgraphs|control-plane|bench)\/)/, '$1');
  const packageName = /^(packages\/[^/]+|subgraphs\/[^/]+|gateway|control-plane|node:internal|node:[^/]+|@[^/]+\/[^/]+|[^/]+)/.exec(path)?.[1] ?? path;
  return { name: `${name} ${path}:${lineNumber + 1}`, packageName };
}
