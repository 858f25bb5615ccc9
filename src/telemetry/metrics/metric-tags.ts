/** Which labels a metric has, and from where: Istio's, as overrides of Telemetry resources change them. */

import type { MetricOverride, MetricsSettings } from '../../model/metrics-settings.ts';
import { compileExpression, type Expression } from '../expression/compile-expression.ts';
import type { StreamInfo } from '../stream-info.ts';

/** A client may write what ends up in a label. */
const maxValueLength = 256;

/** How metrics of the two sides differ from Istio's defaults. */
export interface SideSettings {
  readonly client: MetricsSettings;
  readonly server: MetricsSettings;
}

/** The labels of one metric. */
export interface LabelPlan {
  readonly names: readonly string[];
  /** `base`: Istio's; `tags`: what the expressions gave. */
  valuesOf(base: readonly string[], tags: readonly string[]): readonly string[];
}

export class MetricTags {
  readonly #settings: MetricsSettings;
  readonly #baseNames: readonly string[];
  /** Those of all metrics, each once. */
  readonly #texts: readonly string[];
  readonly #expressions: readonly (Expression | null)[];

  /** Loads a library where there are expressions: not while requests wait. */
  constructor(settings: MetricsSettings, metrics: readonly string[], baseNames: readonly string[]) {
    this.#settings = settings;
    this.#baseNames = baseNames;
    const tags = metrics.flatMap((metric) => Object.values(settings[metric]?.tags ?? {}));
    this.#texts = [...new Set(tags.filter((text) => text !== null))];
    this.#expressions = this.#texts.map((text) => {
      const compiled = compileExpression(text, 'shown');
      return compiled.ok ? compiled.value : null;
    });
  }

  /** No label depends on an expression. */
  get areFixed(): boolean {
    return this.#expressions.length === 0;
  }

  /** null: the metric is disabled. */
  planOf(metric: string): LabelPlan | null {
    const override = this.#settings[metric];
    if (override === undefined) {
      return { names: this.#baseNames, valuesOf: (base) => base };
    }
    return override.disabled ? null : this.#changedPlan(override);
  }

  /** What the expressions say of an exchange, as labels show it. */
  evaluate(info: StreamInfo): string[] {
    return this.#expressions.map((expression) => labelText(expression?.evaluate(info)));
  }

  #changedPlan({ tags }: MetricOverride): LabelPlan {
    const kept = this.#baseNames.filter((name) => tags[name] === undefined);
    const sources = kept.map((name) => this.#baseNames.indexOf(name));
    const changed = Object.entries(tags).filter(([, text]) => text !== null);
    const places = changed.map(([, text]) => this.#texts.indexOf(text as string));
    return {
      names: [...kept, ...changed.map(([name]) => name)],
      valuesOf: (base, values) => [
        ...sources.map((index) => base[index] as string),
        ...places.map((index) => values[index] as string),
      ],
    };
  }
}

/** Istio's word for what cannot be told. */
const unknown = 'unknown';

function labelText(value: unknown): string {
  if (value === undefined || value === null) return unknown;
  return String(value).slice(0, maxValueLength);
}
