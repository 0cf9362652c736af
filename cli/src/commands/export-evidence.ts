import { existing, type Context } from '../context.ts';
import { CliUsageEvidenceDocument, type EvidenceState, type Meter } from '../generated.ts';
import { readTime, writeNew } from './export-usage.ts';

export interface ExportEvidenceOptions {
  customer: string;
  meter: string;
  period: string;
  instance: string;
  out?: string;
  force?: boolean;
}

const STATES: Record<EvidenceState, string> = {
  REPORTS: 'Every report that it is made of is there.',
  DIGESTS: "Of some days it has digests: the instance's own archive proves their reports.",
  PARTLY_MISSING: 'Some of the evidence is missing here: it cannot be proven whole.',
};

/** What a meter of a billing period came to for one instance, as `iotistic-agent verify-invoice` reads it, byte by byte. */
export async function exportEvidence(context: Context, { customer, meter, period, instance, out, force }: ExportEvidenceOptions): Promise<void> {
  const variables = { id: customer, meter: meter.toUpperCase() as Meter, periodStart: readTime('--period', period).toISOString(), instance };
  const { evidence, ...shown } = existing(existing((await context.during('Reading evidence', null, () => context.plane().ask(CliUsageEvidenceDocument, variables))).customer).meteredPeriod);
  if (out === undefined) {
    context.note(STATES[shown.evidenceState]);
    return context.isJson ? context.answer({ ...shown, evidence }, () => '') : context.terminal.write(evidence);
  }
  writeNew(out, evidence, force === true);
  context.answer({ ...shown, file: out }, () => `${context.colors.green(`✔ ${shown.quantity} of ${variables.meter}`)}, from ${shown.periodStart} to ${shown.periodEnd}, written to ${out}. ${STATES[shown.evidenceState]}`);
}
