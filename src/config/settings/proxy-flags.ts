/** Settings as the command line gives them: texts, unset where the flag was not used. */

export interface ProxyFlags {
  readonly outbound?: readonly string[] | undefined;
  readonly inbound?: readonly string[] | undefined;
  readonly admin?: string | undefined;
  readonly port?: readonly string[] | undefined;
  readonly gatewayBind?: string | undefined;
  readonly localTls?: boolean | undefined;
  readonly workload?: readonly string[] | undefined;
  readonly labels?: string | undefined;
  readonly namespace?: string | undefined;
  readonly locality?: string | undefined;
  readonly accessLog?: string | undefined;
  readonly accessLogFormat?: string | undefined;
  readonly seed?: string | undefined;
  readonly drainTime?: string | undefined;
}
