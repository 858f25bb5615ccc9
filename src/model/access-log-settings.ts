/** Where and how requests are logged. */

export interface AccessLogSettings {
  /** `-` or `/dev/stdout` is standard output. */
  readonly path: string;
  /** `text` is Istio's default line; any other text is a format with Envoy's operators. */
  readonly encoding: 'text' | 'json';
  /** null: Istio's default for the encoding. */
  readonly format: string | null;
}
