/** Responses by class and status: Envoy's `upstream_rq_completed`, `upstream_rq_5xx`, `upstream_rq_503`. */

const statusCount = 500;

export class ResponseCounts {
  completed = 0;
  /** 1xx to 5xx. */
  readonly #byClass = new Float64Array(5);
  /** From 100. */
  readonly #byStatus = new Float64Array(statusCount);

  count(status: number): void {
    this.completed++;
    // Typed arrays ignore what is written where they have nothing, so any status is safe here.
    const ofClass = Math.floor(status / 100) - 1;
    this.#byClass[ofClass] = (this.#byClass[ofClass] ?? 0) + 1;
    const index = status - 100;
    this.#byStatus[index] = (this.#byStatus[index] ?? 0) + 1;
  }

  /** `[status, count]` of every status that was seen, ascending. */
  statuses(): (readonly [number, number])[] {
    return seen(this.#byStatus, 100);
  }

  /** `[class, count]`, 5 for 5xx. */
  classes(): (readonly [number, number])[] {
    return seen(this.#byClass, 1);
  }
}

function seen(counts: Float64Array, first: number): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  counts.forEach((count, index) => {
    if (count > 0) found.push([index + first, count]);
  });
  return found;
}
