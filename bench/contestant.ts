/** One side of a comparison: a server process of its own on a database of its own. */
export interface Contestant {
  name: string;
  start(given: Arena): Promise<RunningContestant>;
}

export interface Arena {
  databaseUrl: string;
  /** For files of this run; removed after it. */
  folder: string;
  customers: number;
  /** Flags for the server's node. */
  nodeOptions: readonly string[];
}

export interface RunningContestant {
  url: string;
  /** Of the processes that serve; none where who sends does all the work. */
  pids: readonly number[];
  accounts: readonly Account[];
  /** What the server itself counted that explains the figures. */
  remark?(): Promise<string>;
  stop(): Promise<void>;
}

export interface Account {
  customerId: string;
  apiKey: string;
  /** What a dashboard presents over WebSocket. */
  connectionParams: Record<string, string>;
}
