/**
 * Counts up whenever the health of any endpoint of a cluster changes, so that every snapshot that
 * still serves requests notices, without a list of them.
 */
export class ClusterHealth {
  version = 0;

  changed(): void {
    this.version++;
  }
}
