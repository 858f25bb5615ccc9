/** Where and how requests and TCP connections are logged. */

import type { Collector } from './collector.ts';

export type AccessLogSettings = FileAccessLog | OtlpAccessLog;

interface AccessLogRule {
  /** CEL over the attributes of a request; what it is not true for is not logged. null: all is. */
  readonly filter: string | null;
}

/** Istio accessLogFile, and extensionProviders[].envoyFileAccessLog. */
export interface FileAccessLog extends AccessLogRule {
  readonly kind: 'file';
  /** `-` or `/dev/stdout` is standard output. */
  readonly path: string;
  readonly encoding: 'text' | 'json';
  /** With Envoy's operators; of `json` the text of an object. null: Istio's default. */
  readonly format: string | null;
}

/** Istio extensionProviders[].envoyOtelAls. */
export interface OtlpAccessLog extends AccessLogRule {
  readonly kind: 'otlp';
  readonly collector: Collector;
  /** Name of the log at the collector (attribute `log_name`), Istio's default `otel_envoy_accesslog`. */
  readonly logName: string;
  /** Body with Envoy's operators; null: Istio's default line. */
  readonly body: string | null;
  /** Attributes with Envoy's operators. */
  readonly attributes: Readonly<Record<string, string>>;
}
