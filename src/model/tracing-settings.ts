/** Which requests become spans, what the spans say, and who gets them. */

import type { Collector } from './collector.ts';

/** Istio Telemetry tracing[].customTags. A tag without a value is left out. */
export type CustomTag =
  | { readonly kind: 'literal'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'environment';
      readonly name: string;
      readonly variable: string;
      readonly defaultValue: string | null;
    }
  | {
      readonly kind: 'header';
      readonly name: string;
      /** Lower case. */
      readonly header: string;
      readonly defaultValue: string | null;
    }
  /** With Envoy's operators (Istio `formatter`). */
  | { readonly kind: 'format'; readonly name: string; readonly format: string };

export interface TracingSettings {
  /**
   * Share of the traces that begin here which are recorded, 0 to 100; the decision of the caller
   * stands over it. Istio randomSamplingPercentage, default 1.
   */
  readonly randomSamplingPercent: number;
  /** null: trace headers are continued and started, no span is reported. */
  readonly collector: Collector | null;
  readonly customTags: readonly CustomTag[];
  /** Tags `istio.*` (Istio enableIstioTags, default true). */
  readonly istioTags: boolean;
  /** Characters of the path in tags: Istio maxPathTagLength, default 256. */
  readonly maxPathTagLength: number;
  /** OpenTelemetry resource: `service.name` and what else is known of this proxy. */
  readonly resource: Readonly<Record<string, string>>;
}
