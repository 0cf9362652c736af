import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfExists, writeDurably } from './durable-file.ts';
import type { Log } from './log.ts';
import { Serial } from './serial.ts';

/** The machine's clock; tests hand in their own. Without `monotonicMs` elapsed time is taken from `now`. */
export interface TimeSource {
  now(): Date;
  /** Milliseconds that only ever grow, whatever happens to the wall clock. */
  monotonicMs?(): number;
}

export const systemTime: TimeSource = { now: () => new Date(), monotonicMs: () => performance.now() };

/** A machine whose clock is this close to the control plane's is believed when it moves forward (a suspended machine wakes up). */
export const SKEW_TOLERANCE_SECONDS = 300;
const PERSIST_EVERY_MS = 60_000;

const stateSchema = z.object({ highest: z.iso.datetime(), signed: z.iso.datetime() });

/**
 * The time that licenses and intervals are judged by. It never runs backwards on this machine's word: it goes on from the
 * highest time seen, kept on disk, so that a clock set back does not extend a license. The control plane's own time
 * corrects it in both directions, but never to before the newest license that it signed.
 */
export class AgentClock {
  private anchor: { time: number; monotonic: number };
  private signed: number;
  private persisted: number;
  private serverSkewMs: number | null = null;
  private followsMachine = true;
  private readonly writes = new Serial();

  private constructor(private readonly path: string, private readonly source: TimeSource, private readonly log: Log, state: { highest: number; signed: number }) {
    this.anchor = { time: state.highest, monotonic: this.monotonic() };
    this.signed = state.signed;
    this.persisted = state.highest;
  }

  static async open(folder: string, source: TimeSource, log: Log): Promise<AgentClock> {
    const path = join(folder, 'clock.json');
    const text = await readIfExists(path);
    const state = parseState(text);
    if (text !== null && state === null) log.warn({ file: 'clock.json' }, 'The record of the highest time seen is damaged; it begins anew');
    const clock = new AgentClock(path, source, log, state ?? { highest: 0, signed: 0 });
    if (Math.abs(clock.skewSeconds()) > SKEW_TOLERANCE_SECONDS) log.warn({ skewSeconds: clock.skewSeconds() }, 'The machine clock is behind the highest time seen');
    return clock;
  }

  now(): Date {
    const machine = this.followsMachine ? this.source.now().getTime() : 0;
    const monotonic = this.monotonic();
    const time = Math.max(this.anchor.time + Math.max(0, monotonic - this.anchor.monotonic), machine, this.signed);
    this.anchor = { time, monotonic };
    return new Date(time);
  }

  /** A time that a good signature vouches for (a license's `iat`): the true time cannot be earlier. */
  observeSigned(at: Date): void {
    this.signed = Math.max(this.signed, at.getTime());
  }

  /** The time that the control plane told in an answer to our credential. */
  observeServer(at: Date): void {
    const skew = this.source.now().getTime() - at.getTime();
    const wasNotable = Math.abs(this.serverSkewMs ?? 0) > SKEW_TOLERANCE_SECONDS * 1000;
    this.serverSkewMs = skew;
    this.followsMachine = Math.abs(skew) <= SKEW_TOLERANCE_SECONDS * 1000;
    this.anchor = { time: at.getTime(), monotonic: this.monotonic() };
    if (!this.followsMachine && !wasNotable) this.log.warn({ skewSeconds: Math.round(skew / 1000) }, 'The machine clock differs from the control plane; its time is used instead');
  }

  /** How far the machine's clock is ahead of the time that is used, in seconds; negative when it is behind. */
  skewSeconds(): number {
    return Math.round((this.source.now().getTime() - this.now().getTime()) / 1000);
  }

  /** Machine minus control plane at the last contact of this process, in seconds; null before the first. */
  serverSkewSeconds(): number | null {
    return this.serverSkewMs === null ? null : Math.round(this.serverSkewMs / 1000);
  }

  /** Writes the highest time down when it moved by a minute or more, or backwards; `always` writes it in any case. */
  async persist(always = false): Promise<void> {
    await this.writes.run(async () => {
      const highest = this.now().getTime();
      if (!always && highest >= this.persisted && highest - this.persisted < PERSIST_EVERY_MS) return;
      await writeDurably(this.path, `${JSON.stringify({ highest: new Date(highest), signed: new Date(this.signed) })}\n`);
      this.persisted = highest;
    });
  }

  private monotonic(): number {
    return this.source.monotonicMs?.() ?? this.source.now().getTime();
  }
}

function parseState(text: string | null): { highest: number; signed: number } | null {
  try {
    const state = stateSchema.parse(JSON.parse(text ?? ''));
    return { highest: Date.parse(state.highest), signed: Date.parse(state.signed) };
  } catch {
    return null;
  }
}
