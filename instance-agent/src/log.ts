import pino from 'pino';

export type Log = pino.Logger;

const SECRETS = ['token', 'apiKey', 'authorization', 'license'];

/** A JSON log on standard error: standard output belongs to what a person reads. Credentials never reach it. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  return pino(
    {
      level,
      base: { service: 'iotistic-agent' },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
