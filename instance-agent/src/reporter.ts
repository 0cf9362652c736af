import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '@iotistic/contracts/failpoints';
import { verifySignedTime } from '@iotistic/contracts/signed-time';
import { namedKeyId } from '@iotistic/contracts/signed-document';
import type { AgentClock } from './clock.ts';
import { ControlPlaneError, type ControlPlane, type LicenseAnswer, type Verdicts } from './control-plane.ts';
import { errorCode, syncFolder } from './durable-file.ts';
import type { LicenseKeeper } from './license-keeper.ts';
import type { OfferOutcome } from './license-states.ts';
import type { Log } from './log.ts';
import type { Resend } from './resend.ts';
import type { Spool } from './spool.ts';
import { SpoolUnavailableError } from './spool-error.ts';
import type { ListOutcome, Trust } from './trust.ts';
import { addUsage, COUNTERS, type Counters, type UsageReport } from './usage.ts';

/** The control plane takes this many reports in one call. */
const BATCH_REPORTS = 1000;

/** What one exchange with the control plane came to. */
export interface Exchange {
  sent: number;
  accepted: number;
  late: number;
  duplicates: number;
  rejected: number;
  /** What became of the license that came along; null when none did. */
  license: OfferOutcome | null;
  /** What became of the list of revocations; null when none came. */
  revocations: ListOutcome | null;
}

interface ReporterParts {
  folder: string;
  instance: string;
  clock: AgentClock;
  log: Log;
  plane: ControlPlane;
  spool: Spool;
  keeper: LicenseKeeper;
  trust: Trust;
  resend: Resend;
}

/** Brings the spool's reports to the control plane, and its license back. */
export class Reporter {
  readonly totals = { accepted: 0, late: 0, duplicates: 0, rejected: 0, failures: 0 };
  lastContactAt: Date | null = null;
  lastError: string | null = null;
  /** Whose instance this is, as the control plane says; null before the first contact. */
  customerId: string | null = null;
  /** The control plane told another time than ours and did not sign it for us: a replay, or somebody in between. */
  timeNotProven = false;
  private running: Promise<Exchange> | null = null;

  constructor(private readonly parts: ReporterParts) {}

  /**
   * One handshake: the oldest reports and the license in one request, then what is left of a backlog, batch after batch.
   * Calls while one runs share it.
   * @throws ControlPlaneError; what had its verdict before stays settled.
   */
  async exchange(): Promise<Exchange> {
    this.running ??= this.exchangeOnce().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async exchangeOnce(): Promise<Exchange> {
    const exchange: Exchange = { sent: 0, accepted: 0, late: 0, duplicates: 0, rejected: 0, license: null, revocations: null };
    try {
      await this.shakeHands(exchange);
      await this.drain(exchange);
      await this.parts.resend.run(BATCH_REPORTS, (reports) => this.parts.plane.reportUsage(reports));
      this.noteContact(null);
      return exchange;
    } catch (error) {
      this.totals.failures += 1;
      if (error instanceof ControlPlaneError && error.kind !== 'unreachable') this.noteContact(error.message);
      else this.lastError = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** Sends what waits, oldest first, batch after batch. */
  private async drain(exchange: Exchange): Promise<void> {
    for (let reports = await this.nextBatch(); reports.length > 0; reports = await this.nextBatch()) {
      const verdicts = await this.parts.plane.reportUsage(reports);
      this.parts.resend.note(verdicts.restores);
      await this.settle(reports, verdicts, exchange);
    }
  }

  private noteContact(error: string | null): void {
    this.lastContactAt = this.parts.clock.now();
    this.lastError = error;
  }

  private async shakeHands(exchange: Exchange): Promise<void> {
    const { plane, keeper } = this.parts;
    const holding = keeper.standing().claims?.jti ?? null;
    const reports = await this.nextBatch();
    if (reports.length === 0) {
      await this.takeLicense(await plane.fetchLicense(holding), exchange);
      return;
    }
    try {
      const answer = await plane.handshake(reports, holding);
      this.parts.resend.note(answer.reportUsage.restores);
      // Should the disk refuse the verdicts, the license is taken all the same: neither half waits for the other.
      const settled = await this.settle(reports, answer.reportUsage, exchange).then(() => null, (error: unknown) => error);
      await this.takeLicense(answer.fetchLicense, exchange);
      if (settled !== null) throw settled;
    } catch (error) {
      const failed = error instanceof ControlPlaneError ? (error.details.failedFields ?? []) : [];
      // One half's failure voids the whole answer: the other is asked for alone, so that neither domain needs the other.
      if (failed.length === 1 && failed[0] === 'fetchLicense') await this.drain(exchange);
      if (failed.length === 1 && failed[0] === 'reportUsage') await this.takeLicense(await plane.fetchLicense(holding), exchange);
      throw error;
    }
  }

  /**
   * The oldest reports; noted before they are sent, since from then on they may have arrived, whatever we hear. None while
   * the disk does not take the note: the license is fetched all the same.
   */
  private async nextBatch(): Promise<readonly UsageReport[]> {
    const { spool, log } = this.parts;
    const last = spool.pending(BATCH_REPORTS).at(-1);
    if (last === undefined) return [];
    try {
      return await spool.noteAttempt(last.sequence);
    } catch (error) {
      if (!(error instanceof SpoolUnavailableError)) throw error;
      log.error({ err: error }, 'The spool cannot be written: its reports wait until it can');
      return [];
    }
  }

  /** First whom to believe, then the time, then the license: each is judged by what came before it. */
  private async takeLicense(answer: LicenseAnswer, exchange: Exchange): Promise<void> {
    const { keeper, trust, clock } = this.parts;
    this.customerId = answer.customer.id;
    keeper.follow('elapsed');
    await trust.follow(answer.keyAnnouncements);
    exchange.revocations = await trust.takeRevocations(answer.revocationList);
    keeper.follow('revoked');
    await this.checkTime(answer.serverTime);
    keeper.follow('corrected');
    if (answer.license !== null) exchange.license = await keeper.offer(answer.license.token);
    await clock.persist();
  }

  /** A time that differs from ours is asked for once more, with a question that only a fresh answer fits. */
  private async checkTime(told: Date): Promise<void> {
    const { clock, log } = this.parts;
    if (clock.agreesWith(told)) {
      this.timeNotProven = false;
      return;
    }
    const proven = await this.proveTime().catch((error: unknown) => {
      log.warn({ err: error }, 'The time could not be asked for');
      return null;
    });
    this.timeNotProven = proven === null;
    if (proven === null) log.error({ told, ours: clock.now() }, 'The control plane tells another time and does not prove it; ours goes on');
    else clock.observeProven(proven);
  }

  private async proveTime(): Promise<Date | null> {
    const { plane, trust, instance } = this.parts;
    const nonce = randomBytes(18).toString('base64url');
    const token = await plane.signedTime(nonce);
    if (token === null) return null;
    if (trust.findKey(namedKeyId(token) ?? '') === null) await trust.fetchKeys();
    return verifySignedTime(token, { nonce, instance }, trust.findKey);
  }

  /** The reports' verdicts came by a file: they leave the spool as after an exchange. @throws ControlPlaneError when they do not add up. */
  async settleAnswered(reports: readonly UsageReport[], verdicts: Omit<Verdicts, 'receipt' | 'restores'>): Promise<void> {
    await this.settle(reports, verdicts, { sent: 0, accepted: 0, late: 0, duplicates: 0, rejected: 0, license: null, revocations: null });
  }

  private async settle(reports: readonly UsageReport[], verdicts: Omit<Verdicts, 'receipt' | 'restores'>, exchange: Exchange): Promise<void> {
    const refused = findRefused(reports, verdicts);
    await failpoint('agent.report-answered');
    if (refused.length > 0) await this.bury(refused).catch((error: unknown) => this.noteUnburied(error));
    await this.parts.spool.settle(reports.at(-1)?.sequence ?? 0, carriedOver(refused));
    await this.parts.resend.noteSettled(reports[0]?.sequence ?? 1);
    for (const tally of [exchange, this.totals]) {
      tally.accepted += verdicts.accepted;
      tally.late += verdicts.late;
      tally.duplicates += verdicts.duplicates;
      tally.rejected += refused.length;
    }
    exchange.sent += reports.length;
  }

  /** The log has said what they are; a full disk must not keep the verdicts of the others from being written. */
  private noteUnburied(error: unknown): void {
    if (errorCode(error) === null) throw error;
    this.parts.log.error({ err: error }, 'Refused reports cannot be written to dead-letter.jsonl');
  }

  /** Refused reports go to a file that a person can read, before they leave the spool. */
  private async bury(refused: readonly RefusedReport[]): Promise<void> {
    const at = this.parts.clock.now().toISOString();
    for (const { report, reason, message } of refused) {
      this.parts.log.error({ reportId: report.reportId, sequence: report.sequence, reason, refusal: message }, 'The control plane refused a report; it is kept in dead-letter.jsonl');
    }
    const handle = await open(join(this.parts.folder, 'dead-letter.jsonl'), 'a', 0o600);
    try {
      await handle.appendFile(refused.map((entry) => `${JSON.stringify({ at, ...entry })}\n`).join(''));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(this.parts.folder);
  }
}

interface RefusedReport {
  reason: string;
  message: string;
  report: UsageReport;
}

/**
 * The reports that were refused.
 * @throws ControlPlaneError when the verdicts do not add up to what was sent: then none is taken for given.
 */
function findRefused(reports: readonly UsageReport[], verdicts: Omit<Verdicts, 'receipt' | 'restores'>): RefusedReport[] {
  const byId = new Map(reports.map((report) => [report.reportId, report]));
  const refused = verdicts.rejected.flatMap(({ reportId, reason, message }) => {
    const report = byId.get(reportId);
    return report === undefined ? [] : [{ reason, message, report }];
  });
  if (verdicts.accepted + verdicts.duplicates + refused.length !== reports.length || refused.length !== verdicts.rejected.length) {
    throw new ControlPlaneError('protocol', `The control plane's verdicts do not add up to the ${reports.length} reports that were sent`);
  }
  return refused;
}

/** A clock that ran ahead costs nothing: what such a report counted goes into the next one, whose time is right. */
function carriedOver(refused: readonly RefusedReport[]): Counters {
  return refused.filter(({ reason }) => reason === 'INTERVAL_IN_FUTURE').reduce<Counters>((sum, { report }) => addUsage(COUNTERS, sum, report), {});
}
