import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';

/** Instants leave as RFC 3339 text, also where no HTTP lies between gateway and subgraph. */
export const scalars = {
  DateTime: new GraphQLScalarType({ ...GraphQLDateTimeISO.toConfig(), name: 'DateTime' }),
  SafeInt: GraphQLSafeInt,
  JSON: new GraphQLScalarType({ ...GraphQLJSONObject.toConfig(), name: 'JSON' }),
};
