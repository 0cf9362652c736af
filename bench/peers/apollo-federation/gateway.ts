import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloGateway, type GraphQLDataSourceProcessOptions, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { ROOT } from '../../child.ts';

interface Context {
  apiKey?: string;
}

/** As Apollo's manual shows it: all defaults, and the caller's key goes on to whom it concerns. */
class KeyForwarding extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({ request, context }: GraphQLDataSourceProcessOptions<Context>): void {
    if (context.apiKey !== undefined) request.http?.headers.set('x-api-key', context.apiKey);
  }
}

const urls = JSON.parse(process.env['SUBGRAPH_URLS'] ?? '{}') as Record<string, string>;
const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(join(ROOT, 'schema/supergraph.graphql'), 'utf8'),
  buildService: ({ name }) => new KeyForwarding({ url: urls[name] ?? '' }),
});
const server = new ApolloServer<Context>({ gateway });
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 }, context: ({ req }) => Promise.resolve({ apiKey: req.headers['x-api-key']?.toString() ?? '' }) });
process.send?.({ kind: 'ready', url: url.replace(/\/$/, ''), accounts: [] });

const stop = (): void => void server.stop().then(() => process.exit(0));
process.once('SIGTERM', stop);
process.once('disconnect', stop);
