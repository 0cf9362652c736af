import { randomBytes, randomUUID } from 'node:crypto';
import { encodeBase32 } from '@iotistic/contracts/ids';
import pg from 'pg';
import type { Gun, Volley } from '../../load-generator.ts';
import type { LoadOrder } from '../../report-usage/load.ts';
import { makeReportPartitions } from '../../report-partitions.ts';
import { listInstants } from '../../report-usage/requests.ts';
import { NUMBERS } from '../../report-usage/shapes.ts';
import { quantile } from '../../statistics.ts';

/** What stands for its row in `instances`: the numbers of its reports, which nothing refers to. */
interface Instance {
  no: number;
  sent: number;
}

const INSTANCES = 200;
const DIGEST_BYTES = 6;
const ID_BYTES = 15;
const TIME_BYTES = 6;
const COUNTS = Object.values(NUMBERS);

const REPORTS = `
  with report as (
    select * from unnest($1::text[], $2::bigint[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::bigint[], ${COUNTS.map((_, index) => `$${index + 8}::bigint[]`).join(', ')})
      as r (id, instance_no, uuid, digest, started, ended, sequence, ${COUNTS.map((_, index) => `c${index}`).join(', ')})
  )`;
const KEYED = `, keyed as (insert into usage.report_keys (instance_no, report_uuid, digest) select instance_no, uuid, digest from report)`;
const STORED = `
  insert into usage.usage_reports (id, instance_no, interval_start, interval_end, received_at, late, sequence, previous_hash, active_devices, total_devices, mqtt_messages_published, mqtt_messages_received,
    mqtt_bytes_sent, mqtt_bytes_received, http_requests, http_bytes_sent, http_bytes_received, storage_bytes, storage_rows)
  select id, instance_no, started, ended, now(), false, sequence, uuid, ${COUNTS.map((_, index) => `c${index}`).join(', ')} from report`;

/** Each connection inserts without a pause, each statement a commit: as many successive reports of one instance as a call has. */
export function prepareInserts({ withKeys }: { withKeys: boolean }): (order: LoadOrder) => Promise<Gun> {
  return async ({ url, traffic: { sending, connections } }) => {
    const clients = await Promise.all(Array.from({ length: connections }, () => connect(url)));
    const [first] = clients;
    if (first === undefined) throw new Error('no connection');
    await makeReportPartitions(async (text) => (await first.query(text)).rows);
    const instances = Array.from({ length: INSTANCES }, (_, index): Instance => ({ no: index + 1, sent: 0 }));
    const instants = listInstants(sending);
    const text = REPORTS + (withKeys ? KEYED : '') + STORED;
    const fire = async (seconds: number): Promise<Volley> => {
      const latencies: number[] = [];
      const started = performance.now();
      const insertAlways = async (client: pg.Client, connection: number): Promise<void> => {
        const own = instances.filter(({ no }) => no % connections === connection);
        for (let turn = 0; performance.now() - started < seconds * 1000; turn += 1) {
          const values = valuesOf(own[turn % own.length] as Instance, sending.reportsPerCall, instants);
          const sentAt = performance.now();
          await client.query({ name: 'insert', text, values });
          latencies.push(performance.now() - sentAt);
        }
      };
      await Promise.all(clients.map(insertAlways));
      return { calls: latencies.length, failed: 0, wrongAnswer: null, seconds: (performance.now() - started) / 1000, latencyP50Ms: quantile(latencies, 0.5), latencyP99Ms: quantile(latencies, 0.99) };
    };
    return { fire };
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The arrays as text, since that is what goes over the wire: what is alike in all rows costs next to nothing to write. */
function valuesOf(instance: Instance, reports: number, instants: readonly string[]): string[] {
  const [ids, uuids, digests, starts, ends, sequences] = [[], [], [], [], [], []] as [string[], string[], number[], string[], string[], number[]];
  for (let index = 0; index < reports; index += 1) {
    const interval = instance.sent % (instants.length - 1);
    const end = instants[interval + 1] as string;
    ids.push(newReportId(end));
    uuids.push(randomUUID());
    digests.push(randomBytes(DIGEST_BYTES).readUIntBE(0, DIGEST_BYTES));
    starts.push(instants[interval] as string);
    ends.push(end);
    sequences.push(instance.sent + 1);
    instance.sent += 1;
  }
  const alike = (value: number): string => `{${`${value},`.repeat(reports).slice(0, -1)}}`;
  return [`{${ids.join()}}`, alike(instance.no), `{${uuids.join()}}`, `{${digests.join()}}`, `{${starts.join()}}`, `{${ends.join()}}`, `{${sequences.join()}}`, ...COUNTS.map(alike)];
}

/** As ours: the interval's end, by which ids sort, and what nobody can guess. */
function newReportId(end: string): string {
  const bytes = randomBytes(ID_BYTES);
  bytes.writeUIntBE(Date.parse(end), 0, TIME_BYTES);
  return `rept_${encodeBase32(bytes)}`;
}
