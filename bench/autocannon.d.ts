/** The library has no types of its own; this is what is used of it. */
declare module 'autocannon' {
  interface Client {
    /** What the client writes next. Setting it spares building each request from its parts. */
    getRequestBuffer(): Buffer;
  }
  interface Options {
    url: string;
    method: string;
    connections: number;
    /** Seconds. */
    duration: number;
    /** Seconds. */
    timeout: number;
    setupClient(client: Client): void;
    /** False counts as a mismatch. */
    verifyBody(body: string): boolean;
  }
  export interface Result {
    duration: number;
    '2xx': number;
    non2xx: number;
    errors: number;
    mismatches: number;
    latency: { p50: number; p99: number; average: number };
  }
  export default function autocannon(options: Options): Promise<Result>;
}
