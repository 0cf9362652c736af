/** What a benchmark asks, and how it answers. */
export interface Question {
  name: string;
  ask(options: QuestionOptions): Promise<Answer>;
}

export interface QuestionOptions {
  /** Of both sides, one after the other, each time on a new database. */
  rounds: number;
  /** That each run is measured. */
  seconds: number;
  subscribers: number;
  events: number;
  /** Stored, where it is asked what many cost. */
  reports: number;
  /** With a backlog. */
  agents: number;
  /** The sizes of a fleet that is looked at. */
  customers: readonly number[];
  /** Part of the name of what is run: the rest is left out. */
  only: string | null;
  /** Says after each run where the server's CPU time went. */
  profile: boolean;
  say(line: string): void;
}

export interface Answer {
  /** Markdown, of medians. */
  table: string;
  ratios: Ratio[];
  medians: Record<string, object>;
  runs: Record<string, object[]>;
}

export interface Ratio {
  name: string;
  ratio: number;
  aim?: string;
  met?: boolean;
}
