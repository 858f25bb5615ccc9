/** Who takes traces and logs, and how they are sent. */

export interface Collector {
  readonly protocol: 'otlp-http' | 'otlp-grpc' | 'zipkin';
  /** `http://host:port/path`; of gRPC without a path. `https` verifies the certificate. */
  readonly url: string;
  /** Sent with every request, for example an API key: never shown in a dump. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds until a request to it counts as failed. */
  readonly timeoutMs: number;
}
