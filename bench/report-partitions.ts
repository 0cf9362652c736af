interface Month {
  month: string;
  from: Date;
  to: Date;
}

type Query = (text: string) => Promise<Month[]>;

const MONTHS_BACK = 14;

/** The months of the last 400 days, which the plane itself makes as the first report of each comes. */
export async function makeReportPartitions(query: Query): Promise<void> {
  const months = await query(
    `select to_char(month at time zone 'UTC', 'YYYY_MM') as month, month as from, month + interval '1 month' as to
     from generate_series(date_trunc('month', now(), 'UTC') - interval '${MONTHS_BACK} months', now(), interval '1 month') as month`,
  );
  for (const { month, from, to } of months) await query(`create table if not exists usage.usage_reports_${month} partition of usage.usage_reports for values from ('${from.toISOString()}') to ('${to.toISOString()}')`);
}
