import { type Command, Option } from 'commander';
import type { Run } from '../context.ts';
import { limitOption, wholeNumber } from '../pages.ts';
import { exportEvidence } from './export-evidence.ts';
import { exportUsage } from './export-usage.ts';
import { purgeUsage } from './purge-usage.ts';
import { listAnomalies } from './list-anomalies.ts';
import { showUsage } from './show-usage.ts';
import { watchUsage } from './watch-usage.ts';

const DEFAULT_DAYS = 7;
const MAX_DAYS = 90;
/** As the plane's own. */
const PURGE_DAYS = 90;
const MAX_PURGE_DAYS = 3_650;
const METERS = ['devices', 'mqtt_messages', 'mqtt_bytes', 'http_bytes', 'api_calls', 'storage_bytes'];

export function usageCommands(program: Command, run: Run): void {
  const usage = program.command('usage').description('what instances reported');
  usage
    .command('show')
    .description("a customer's usage, or everybody's: peak, average, utilization, with a warning from 80 %")
    .addOption(new Option('--customer <id>', 'one customer').conflicts('all'))
    .option('--all', 'all customers, highest utilization first')
    .option('--days <days>', `how far back (1 to ${MAX_DAYS})`, wholeNumber(MAX_DAYS), DEFAULT_DAYS)
    .option(...limitOption)
    .action(run(showUsage));
  usage
    .command('watch')
    .description('print each report and each alert of a customer as it arrives, until Ctrl-C')
    .requiredOption('--customer <id>', 'the customer')
    .option('--instance <name>', 'only this instance')
    .option('--count <count>', 'end after so many reports', wholeNumber(1_000_000))
    .action(run(watchUsage));
  usage
    .command('export')
    .description('all meters over time as comma-separated values')
    .requiredOption('--customer <id>', 'the customer')
    .option('--from <time>', 'from when on: 2026-11-01, or with the time of day and its zone; 30 days ago without it')
    .option('--to <time>', 'until when; now without it')
    .addOption(new Option('--granularity <size>', 'a row for each').choices(['hour', 'day', 'month']).default('day'))
    .option('--instance <name>', 'only this instance')
    .option('--out <file>', 'where to write it; standard output without it')
    .option('--force', 'replace a file that is there')
    .action(run(exportUsage));
  usage
    .command('evidence')
    .description('what a meter of a billing period is made of for one instance, as its agent checks it: iotistic-agent verify-invoice')
    .requiredOption('--customer <id>', 'the customer')
    .requiredOption('--instance <name>', 'the instance')
    .requiredOption('--period <time>', "the period's start, as the invoice's line says it")
    .addOption(new Option('--meter <meter>', 'which').choices(METERS).makeOptionMandatory())
    .option('--out <file>', 'where to write it; standard output without it')
    .option('--force', 'replace a file that is there')
    .action(run(exportEvidence));
  usage
    .command('purge')
    .description('delete old reports that no bill needs as evidence; a digest of each day stays')
    .option('--older-than-days <days>', `which (1 to ${MAX_PURGE_DAYS})`, wholeNumber(MAX_PURGE_DAYS), PURGE_DAYS)
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would be done')
    .action(run(purgeUsage));
  usage
    .command('anomalies')
    .description('what looks wrong in what instances report, newest first: silence, two agents under one name, usage far above what is usual')
    .option('--all', 'those that are over, too')
    .option(...limitOption)
    .action(run(listAnomalies));
}
