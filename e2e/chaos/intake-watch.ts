import type { Exchange } from './fault-proxy.ts';

/** What the plane said of the reports that passed in front of it, answers that nobody was told of included. */
export interface Verdicts {
  accepted: number;
  late: number;
  duplicates: number;
  rejected: number;
  /** Sent, and not answered: each may have been received or not. */
  open: number;
}

/** Counts verdicts on their way: by customer's instance, whose names are unique in a run. */
export class IntakeWatch {
  readonly #verdicts = new Map<string, Verdicts>();

  readonly see = (exchange: Exchange): void => {
    if (!exchange.path.startsWith('/graphql') || !exchange.isSent) return;
    const { usage } = (parse(exchange.body) as { variables?: { usage?: { instance: string; reports: unknown[] } } } | null)?.variables ?? {};
    if (usage === undefined) return;
    const verdicts = this.of(usage.instance);
    this.#verdicts.set(usage.instance, verdicts);
    const answer = exchange.answer === null ? null : (parse(exchange.answer.body) as { data?: { reportUsage?: { accepted: number; late: number; duplicates: number; rejected: unknown[] } | null } | null } | null);
    const said = answer?.data?.reportUsage ?? null;
    if (said === null) {
      verdicts.open += usage.reports.length;
      return;
    }
    verdicts.accepted += said.accepted - said.late;
    verdicts.late += said.late;
    verdicts.duplicates += said.duplicates;
    verdicts.rejected += said.rejected.length;
  };

  of(instance: string): Verdicts {
    return this.#verdicts.get(instance) ?? { accepted: 0, late: 0, duplicates: 0, rejected: 0, open: 0 };
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
