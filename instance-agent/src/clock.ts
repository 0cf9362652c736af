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

/** Clocks may differ by this much before anybody speaks of skew. */
export const SKEW_TOLERANCE_SECONDS = 300;
const SKEW_TOLERANCE_MS = SKEW_TOLERANCE_SECONDS * 1000;
/** A machine that claims to have slept for longer than any license lasts has a wrong clock. */
const MAX_LEAP_MS = 366 * 86_400_000;
const PERSIST_EVERY_MS = 60_000;

const stateSchema = z.object({ highest: z.iso.datetime(), signed: z.iso.datetime(), skewMs: z.number().optional() });
type ClockState = { highest: number; signed: number; skewMs: number };

/**
 * The time that licenses and intervals are judged by. It goes on from the highest time seen, kept on disk, so that a clock
 * set back does not extend a license; it follows the machine forward, but not by more than a year, and not at all where it
 * steps while the control plane has said that it was right. Back it goes only by a time that was signed for our question,
 * and never to before the newest thing that the control plane signed.
 */
export class AgentClock {
  private anchor: { time: number; monotonic: number };
  private signed: number;
  /** Machine minus true time, as the control plane proved it last; 0 while the machine is right. */
  private skewMs: number;
  private persisted: number;
  private serverSkewMs: number | null = null;
  /** The control plane agreed with the machine in this process: from then on elapsed time is worth more than a step. */
  private confirmed = false;
  private readonly writes = new Serial();

  private constructor(private readonly path: string, private readonly source: TimeSource, private readonly log: Log, state: ClockState) {
    this.anchor = { time: state.highest, monotonic: this.monotonic() };
    this.signed = state.signed;
    this.skewMs = state.skewMs;
    this.persisted = state.highest;
  }

  static async open(folder: string, source: TimeSource, log: Log): Promise<AgentClock> {
    const path = join(folder, 'clock.json');
    const text = await readIfExists(path);
    const state = parseState(text);
    if (text !== null && state === null) log.warn({ file: 'clock.json' }, 'The record of the highest time seen is damaged; it begins anew');
    const clock = new AgentClock(path, source, log, state ?? { highest: 0, signed: 0, skewMs: 0 });
    if (clock.isSkewed()) log.warn({ skewSeconds: clock.skewSeconds() }, 'The machine clock is not what the agent goes by');
    return clock;
  }

  now(): Date {
    const monotonic = this.monotonic();
    const elapsed = this.anchor.time + Math.max(0, monotonic - this.anchor.monotonic);
    const time = Math.max(elapsed, this.signed, this.believableMachineTime(elapsed));
    this.anchor = { time, monotonic };
    return new Date(time);
  }

  /** A time that a good signature vouches for (a license's `iat`): the true time cannot be earlier. */
  observeSigned(at: Date): void {
    this.signed = Math.max(this.signed, at.getTime());
  }

  /**
   * The time that an answer tells, which anybody in between could have written: it corrects nothing.
   * @returns whether it agrees with ours; if not, a time that is signed for our question is worth asking for.
   */
  agreesWith(told: Date): boolean {
    const ours = this.now().getTime();
    if (Math.abs(told.getTime() - ours) > SKEW_TOLERANCE_MS) return false;
    this.serverSkewMs = this.source.now().getTime() - told.getTime();
    // By our own time, which was agreed with: so much is the machine wrong, also after a restart.
    this.learnSkew(this.source.now().getTime() - ours);
    return true;
  }

  /** The control plane's time, signed for a question of ours: corrects in both directions. */
  observeProven(at: Date): void {
    const skew = this.source.now().getTime() - at.getTime();
    const wasSkewed = Math.abs(this.serverSkewMs ?? 0) > SKEW_TOLERANCE_MS;
    this.serverSkewMs = skew;
    this.learnSkew(skew);
    this.anchor = { time: at.getTime(), monotonic: this.monotonic() };
    if (this.skewMs !== 0 && !wasSkewed) this.log.warn({ skewSeconds: Math.round(skew / 1000) }, 'The machine clock differs from the control plane; its time is used instead');
  }

  private learnSkew(skewMs: number): void {
    this.skewMs = Math.abs(skewMs) > SKEW_TOLERANCE_MS ? skewMs : 0;
    this.confirmed = true;
  }

  /** How far the machine's clock is ahead of the time that is used, in seconds; negative when it is behind. */
  skewSeconds(): number {
    return Math.round((this.source.now().getTime() - this.now().getTime()) / 1000);
  }

  isSkewed(): boolean {
    return Math.abs(this.skewSeconds()) > SKEW_TOLERANCE_SECONDS;
  }

  /** The machine stepped, and nobody has said yet which time is right. */
  isInDoubt(): boolean {
    const now = this.now().getTime();
    return this.machineTimes().every((time) => Math.abs(time - now) > SKEW_TOLERANCE_MS);
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
      await writeDurably(this.path, `${JSON.stringify({ highest: new Date(highest), signed: new Date(this.signed), skewMs: this.skewMs })}\n`);
      this.persisted = highest;
    });
  }

  /**
   * What the machine says, as it is or less what it was known to be wrong by, for somebody may have set it right since:
   * whichever leaps less. 0 where it cannot be right.
   */
  private believableMachineTime(elapsed: number): number {
    // A machine that has never told a time before is believed: there is nothing to hold against it.
    if (this.anchor.time === 0) return this.source.now().getTime();
    const leap = Math.min(...this.machineTimes().map((time) => time - elapsed).filter((each) => each >= 0));
    return leap > MAX_LEAP_MS || (this.confirmed && leap > SKEW_TOLERANCE_MS) ? 0 : elapsed + leap;
  }

  private machineTimes(): number[] {
    const machine = this.source.now().getTime();
    return [machine, machine - this.skewMs];
  }

  private monotonic(): number {
    return this.source.monotonicMs?.() ?? this.source.now().getTime();
  }
}

function parseState(text: string | null): ClockState | null {
  try {
    const state = stateSchema.parse(JSON.parse(text ?? ''));
    return { highest: Date.parse(state.highest), signed: Date.parse(state.signed), skewMs: state.skewMs ?? 0 };
  } catch {
    return null;
  }
}
