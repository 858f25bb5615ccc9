/** What the benchmark must know of a proxy. */

export interface Peer {
  readonly name: string;
  /** What of the policy it does not have, or how it differs from another row. */
  readonly note: string;
  /** Writes its configuration into `folder` and says how to start it; null: not installed. */
  prepare(folder: string): readonly string[] | null;
  /** The `AUTHORITY PATH` pairs to send in turn; by default one that falls to the last route. */
  readonly requests?: readonly string[];
  /** False: it has the split only, not the routes before it. */
  readonly wholePolicy?: false;
}
