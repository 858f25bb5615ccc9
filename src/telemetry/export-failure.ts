/** Why a collector did not take what it was sent, in words for the log. */

/**
 * gRPC's library frames what the system said, `connect ECONNREFUSED 127.0.0.1:4317`, with a code, a
 * sentence and a note about names that is mostly empty. A status of the collector itself stays.
 */
export function describeExportFailure({ message }: Error): string {
  const reason = message.replace(/^14 UNAVAILABLE: No connection established\. Last error: /, '');
  const told = reason.replace(/\.? Resolution note: *$/, '');
  return reason === message ? told : `no connection: ${told.replace(/^Error: /, '')}`;
}
