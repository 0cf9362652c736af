import { randomUUID } from 'node:crypto';

export const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  customer {
    id companyName
    subscription { plan { key name } status trialEndsAt entitlements { features { key enabled } limits { key value } included { meter quantity } } }
    license { id token claims expiresAt }
  }
  session { token }
} }`;

/** An hour's report that ended so many minutes ago. */
export function reportOf({ minutesAgo, ...numbers }: { minutesAgo: number } & Record<string, number>): Record<string, unknown> {
  const end = Date.now() - minutesAgo * 60_000;
  return { reportId: randomUUID(), intervalStart: new Date(end - 3_600_000).toISOString(), intervalEnd: new Date(end).toISOString(), activeDevices: 1, totalDevices: 10, ...numbers };
}
