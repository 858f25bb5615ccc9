/**
 * What the overload manager has the data plane do. It is written a few times a second, and read for
 * every request and connection.
 */

export class OverloadState {
  /** Share of new requests that get a 503: 0 none, 1 all. */
  stopAcceptingRequests = 0;
  /** Connections end with their next response. */
  disableHttpKeepalive = false;
  /** Share of new connections that are closed at once. */
  rejectIncomingConnections = 0;
  /** Connections of clients, of all listeners of the process. */
  openConnections = 0;
  /** More of them there never are. */
  maxConnections = Number.POSITIVE_INFINITY;
  /**
   * A new connection whose descriptor has this number, or a higher one, is closed at once. The
   * system gives the lowest that is free, so that by then all below are in use.
   */
  descriptorLimit = Number.POSITIVE_INFINITY;
}
