/** Requests that all endpoints of a workload have at the same time. */

export class WorkloadGauge {
  #active = 0;
  #peak = 0;

  get peak(): number {
    return this.#peak;
  }

  enter(): void {
    this.#active++;
    if (this.#active > this.#peak) this.#peak = this.#active;
  }

  leave(): void {
    this.#active--;
  }
}
