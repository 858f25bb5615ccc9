/** All series of one metric, each with a slot that the request path resolves once and then adds to. */

import type { Exemplar } from './histogram.ts';

/** A number that is added to, or set. */
export class MetricValue {
  value = 0;
  /** The last traced exchange that was counted; null: none was. */
  exemplar: Exemplar | null = null;
}

export interface FamilyOptions {
  readonly name: string;
  /** One sentence for HELP. */
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Further label sets are counted together as one with every label `overflow`. */
  readonly maxSeries?: number;
}

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface Series<Slot> {
  /** One for each label name. */
  readonly labels: readonly string[];
  readonly slot: Slot;
}

/** Far above what a mesh of hundreds of workloads has: beyond it somebody makes up labels. */
const defaultMaxSeries = 4096;

interface FamilyHooks<Slot> {
  createSlot(): Slot;
  /** A label set is counted with others. */
  onOverflow(): void;
}

/** All series of one metric. */
export class MetricFamily<Slot> {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labelNames: readonly string[];
  readonly #maxSeries: number;
  readonly #createSlot: () => Slot;
  readonly #onOverflow: () => void;
  readonly #series = new Map<string, Series<Slot>>();

  constructor(
    type: MetricType,
    options: FamilyOptions,
    { createSlot, onOverflow }: FamilyHooks<Slot>,
  ) {
    this.name = options.name;
    this.help = options.help;
    this.type = type;
    this.labelNames = options.labelNames;
    this.#maxSeries = options.maxSeries ?? defaultMaxSeries;
    this.#createSlot = createSlot;
    this.#onOverflow = onOverflow;
  }

  /** The slot of a label set, made where there is none. Not for the request path. */
  slot(labels: readonly string[]): Slot {
    const key = labels.join('\0');
    const known = this.#series.get(key);
    if (known !== undefined) return known.slot;
    if (this.#series.size >= this.#maxSeries && !isOverflow(labels)) {
      this.#onOverflow();
      return this.slot(labels.map(() => overflowLabel));
    }
    const series = { labels, slot: this.#createSlot() };
    this.#series.set(key, series);
    return series.slot;
  }

  series(): Iterable<Series<Slot>> {
    return this.#series.values();
  }

  /** Sets every slot to zero; slots that were handed out stay valid. */
  reset(clear: (slot: Slot) => void): void {
    for (const { slot } of this.#series.values()) clear(slot);
  }
}

const overflowLabel = 'overflow';

/** They are of the series that counts what is too much. */
export function isOverflow(labels: readonly string[]): boolean {
  return labels.every((label) => label === overflowLabel);
}
