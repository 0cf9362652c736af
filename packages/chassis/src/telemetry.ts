import { ConfigError } from './config.ts';
import { withDeadline } from './deadline.ts';
import type { Log } from './log.ts';
import { switchTracing } from './tracing.ts';

export interface Telemetry {
  /** Sends what is left, as long as the collector takes it in time. */
  close(): Promise<void>;
}

/** A collector that is away must not use up the grace time of a process that ends. */
const FLUSH_WITHIN_MS = 2_000;
const OFF: Telemetry = { close: () => Promise.resolve() };

/** Whether the environment asks for traces. */
export function wantsTraces(environment: NodeJS.ProcessEnv): boolean {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || environment['OTEL_TRACES_EXPORTER'] === 'none') return false;
  return [environment['OTEL_EXPORTER_OTLP_ENDPOINT'], environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']].some((endpoint) => endpoint !== undefined && endpoint !== '');
}

/**
 * Begins to send traces by OTLP over HTTP where the environment names a collector, under OpenTelemetry's own names, which its SDK
 * reads from the process's environment. Anywhere else nothing of it is even loaded. To be called before databases are opened.
 * @throws ConfigError for a protocol that is not spoken.
 */
export async function startTelemetry(options: { environment: NodeJS.ProcessEnv; name: string; log: Log }): Promise<Telemetry> {
  const { environment, log } = options;
  if (!wantsTraces(environment)) return OFF;
  const protocol = environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? environment['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/json';
  if (protocol === 'grpc') throw new ConfigError(['OTEL_EXPORTER_OTLP_PROTOCOL: grpc is not spoken; collectors take http/json on port 4318']);
  const [{ context, diag, DiagLogLevel, propagation, trace }, { BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { defaultResource, detectResources, envDetector, resourceFromAttributes }] = await Promise.all([import('@opentelemetry/api'), import('@opentelemetry/sdk-trace-node'), import('@opentelemetry/exporter-trace-otlp-http'), import('@opentelemetry/resources')]);
  const tell = (message: string): void => log.warn({ telemetry: message }, 'traces');
  diag.setLogger({ error: tell, warn: tell, info: () => {}, debug: () => {}, verbose: () => {} }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': options.name })).merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
  provider.register();
  switchTracing(true);
  log.info('traces are sent to the collector');
  return {
    async close() {
      switchTracing(false);
      await withDeadline(provider.shutdown(), FLUSH_WITHIN_MS, `the collector did not answer within ${FLUSH_WITHIN_MS} ms`).catch((err: unknown) => log.warn({ err }, 'the last traces were not sent'));
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}
