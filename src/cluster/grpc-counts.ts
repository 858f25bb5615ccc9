/** gRPC calls of a cluster, as Envoy's gRPC statistics filter counts them. */

/** Statuses of gRPC's own; an upstream may send any number. */
const lastStatus = 16;

export class GrpcCounts {
  success = 0;
  failure = 0;
  requestMessages = 0;
  responseMessages = 0;
  readonly #byStatus = new Float64Array(lastStatus + 1);

  /** null: it ended without a status. */
  countStatus(status: number | null): void {
    if (status === null) return;
    if (status === 0) this.success++;
    else this.failure++;
    if (status <= lastStatus) this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
  }

  /** `[status, count]` of every status that was seen, ascending. */
  statuses(): (readonly [number, number])[] {
    return [...this.#byStatus.entries()].filter(([, count]) => count > 0);
  }
}
