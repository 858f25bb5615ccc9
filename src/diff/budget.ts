/** How much work a comparison may do, so that it ends whatever the configurations are. */
export class Budget {
  #left: number;

  /** `steps`: of some ten nanoseconds each. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /** false: there is no more, and what is not known yet stays unknown. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }
}
