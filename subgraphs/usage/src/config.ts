import { envInt } from '@iotistic/chassis/config';
import { z } from 'zod';

export const usageConfig = z.object({
  /** Days that reports are kept when the bill of their period is final; then a digest of each day stays. */
  EVIDENCE_DAYS: envInt(1, 3_650).default(100),
  /** Calls of reportUsage that an instance may make an hour; twice as many at once after a quiet time. 0 is no limit. */
  REPORT_CALLS_PER_HOUR: envInt(0, 1_000_000).default(720),
  /** Reports that one transaction takes, of as many calls as that makes. */
  USAGE_MAX_REPORTS_PER_COMMIT: envInt(1, 50_000).default(5_000),
  /** Reports that may wait for a transaction; beyond it calls are refused at once and may be sent again. */
  USAGE_MAX_WAITING_REPORTS: envInt(1, 1_000_000).default(50_000),
});

export type UsageConfig = z.infer<typeof usageConfig>;
