import { env } from 'node:process';

/**
 * ApolloGateway's constructor reads this and has no other switch: without it the gateway reports to its maker once an
 * hour, and looks for cloud metadata on link-local addresses at once. Imported before Apollo, for its effect.
 */
env['APOLLO_TELEMETRY_DISABLED'] = 'true';
