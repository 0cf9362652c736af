import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';

const { parseValue: parseDateTime, ...dateTime } = GraphQLDateTimeISO.toConfig();
const AS_A_CLOCK_WRITES = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * A thousand reports have two thousand instants, nearly all of them as a clock writes them: those the platform reads in a third of
 * the time. All other ways of RFC 3339 are the library's, and so is what is none.
 */
function parseInstant(value: unknown): Date {
  if (typeof value === 'string' && AS_A_CLOCK_WRITES.test(value)) {
    const instant = new Date(value);
    // The platform takes 30 February for 2 March, and 24:00 for the next day.
    if (instant.getUTCDate() === Number(value.slice(8, 10))) return instant;
  }
  return parseDateTime(value);
}

/** Instants leave as RFC 3339 text, also where no HTTP lies between gateway and subgraph. */
export const scalars = {
  DateTime: new GraphQLScalarType({ ...dateTime, parseValue: parseInstant, name: 'DateTime' }),
  SafeInt: GraphQLSafeInt,
  JSON: new GraphQLScalarType({ ...GraphQLJSONObject.toConfig(), name: 'JSON' }),
};
