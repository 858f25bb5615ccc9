/** A metric together with where its labels come from. */

import type { MetricFamily } from './metric-family.ts';
import type { LabelPlan } from './metric-tags.ts';

export class PlannedFamily<Slot> {
  readonly family: MetricFamily<Slot>;
  readonly #plan: LabelPlan;

  constructor(family: MetricFamily<Slot>, plan: LabelPlan) {
    this.family = family;
    this.#plan = plan;
  }

  /** Of what Istio's labels are, and what expressions gave. Not for the request path. */
  slot(base: readonly string[], tags: readonly string[]): Slot {
    return this.family.slot(this.#plan.valuesOf(base, tags));
  }
}
