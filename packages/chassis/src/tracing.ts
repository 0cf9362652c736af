import type { IncomingHttpHeaders } from 'node:http';
import { type Attributes, type Context, context, type Link, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

export { SpanKind };

/** What a span says of itself. */
export interface SpanWords {
  kind?: SpanKind;
  attributes?: Attributes;
  /** W3C traceparents of others whose work this is too. */
  links?: readonly (string | null | undefined)[];
  /** W3C traceparent of what made this, in another process or earlier; else it is the span at hand. */
  parent?: string | null | undefined;
}

/** Says more about the span at hand. */
export interface SpanAtHand {
  rename(name: string): void;
  set(name: string, value: string | number): void;
  fail(message: string): void;
}

const SILENT: SpanAtHand = { rename: () => {}, set: () => {}, fail: () => {} };
const NO_WORDS: SpanWords = {};
let isOn = false;

/** For `startTelemetry` alone: until it is called, and after, nothing here costs anything but a look at one variable. */
export function switchTracing(on: boolean): void {
  isOn = on;
}

export function isTracing(): boolean {
  return isOn;
}

/**
 * Runs the work as a span of its own, which ends with it and says whether it failed. While tracing is off the work is run, and
 * that is all.
 * @param scope the service that does it: one process may hold several.
 */
export function inSpan<T>(scope: string, name: string, work: (span: SpanAtHand) => Promise<T>, words: SpanWords = NO_WORDS): Promise<T> {
  return isOn ? traced(scope, name, work, words) : work(SILENT);
}

/** As inSpan, within a trace only: what runs by itself every few seconds begins none. */
export function inChildSpan<T>(scope: string, name: string, work: (span: SpanAtHand) => Promise<T>, words: SpanWords = NO_WORDS): Promise<T> {
  return isOn && trace.getActiveSpan() !== undefined ? traced(scope, name, work, words) : work(SILENT);
}

/** A span that something else ends. */
export interface OpenSpan extends SpanAtHand {
  end(): void;
}

/** As inChildSpan, for what begins in one call and ends in another; null outside of any trace. */
export function openChildSpan(scope: string, name: string, attributes: Attributes): OpenSpan | null {
  if (!isOn || trace.getActiveSpan() === undefined) return null;
  const span = trace.getTracer(scope).startSpan(name, { kind: SpanKind.CLIENT, attributes });
  return { ...atHand(span), end: () => span.end() };
}

/** Says more about the span at hand, where there is one. */
export function setOnSpan(name: string, value: string | number): void {
  if (isOn) trace.getActiveSpan()?.setAttribute(name, value);
}

/** The W3C traceparent of the span at hand, for what is done later or elsewhere; null outside of any trace. */
export function currentTraceparent(): string | null {
  const span = isOn ? trace.getActiveSpan()?.spanContext() : undefined;
  return span === undefined ? null : `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 1}`;
}

/** For log lines; null outside of any trace. */
export function currentTraceId(): string | null {
  return isOn ? (trace.getActiveSpan()?.spanContext().traceId ?? null) : null;
}

/** Runs the work as part of that trace, or, given none, of no trace: promises and timers would keep the one at hand. */
export function withTraceparent<T>(traceparent: string | null | undefined, work: () => T): T {
  return isOn ? context.with(contextOf(traceparent), work) : work();
}

/** Adds the headers by which the next process continues the trace. */
export function addTraceHeaders(headers: Record<string, string>): Record<string, string> {
  if (isOn) propagation.inject(context.active(), headers);
  return headers;
}

/** The traceparent that a request came with. */
export function traceparentOf(headers: IncomingHttpHeaders): string | null {
  const given = headers['traceparent'];
  return typeof given === 'string' ? given : null;
}

async function traced<T>(scope: string, name: string, work: (span: SpanAtHand) => Promise<T>, { kind = SpanKind.INTERNAL, attributes = {}, links = [], parent }: SpanWords): Promise<T> {
  const from = parent === undefined || parent === null ? context.active() : contextOf(parent);
  const span = trace.getTracer(scope).startSpan(name, { kind, attributes, links: links.flatMap(linkTo) }, from);
  try {
    return await context.with(trace.setSpan(from, span), () => work(atHand(span)));
  } catch (error) {
    span.recordException(error as Error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
}

function atHand(span: Span): SpanAtHand {
  return {
    rename: (name) => void span.updateName(name),
    set: (name, value) => void span.setAttribute(name, value),
    fail: (message) => void span.setStatus({ code: SpanStatusCode.ERROR, message }),
  };
}

/** What is no traceparent is none: a trace begins anew there. */
function contextOf(traceparent: string | null | undefined): Context {
  return traceparent === undefined || traceparent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

function linkTo(traceparent: string | null | undefined): Link[] {
  const linked = trace.getSpanContext(contextOf(traceparent));
  return linked === undefined ? [] : [{ context: linked }];
}
