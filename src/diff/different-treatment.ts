/** What regions of requests and regions of connections have in common. */

export interface FieldDifference {
  /** In words: `timeout`, `destination`, `outlierDetection of reviews:9080 v1`. */
  readonly field: string;
  readonly old: string;
  readonly new: string;
}

/** How two configurations treat some traffic differently, all of it in one way. */
export interface DifferentTreatment<Example, Way> {
  readonly differences: readonly FieldDifference[];
  /** Of that traffic. */
  readonly example: Example;
  /** Which way the example goes by each of them. */
  readonly old: Way;
  readonly new: Way;
}
