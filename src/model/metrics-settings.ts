/** How Istio's standard metrics differ from their default (Telemetry metrics[].overrides). */

export interface MetricOverride {
  /** It is not counted at all. */
  readonly disabled: boolean;
  /**
   * Labels that are set to the value of a CEL expression over the attributes of a request, or, with
   * null, left out. New labels are added behind the standard ones.
   */
  readonly tags: Readonly<Record<string, string | null>>;
}

/** By name as Prometheus shows it, for example `istio_requests_total`; only those that differ. */
export type MetricsSettings = Readonly<Record<string, MetricOverride>>;
