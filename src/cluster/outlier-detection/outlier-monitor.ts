/** What outlier detection remembers of one endpoint. */
export class OutlierMonitor {
  consecutive5xx = 0;
  consecutiveGatewayErrors = 0;
  consecutiveLocalOriginFailures = 0;
  /** How many base ejection times the current or last ejection takes; falls while it is healthy. */
  multiplier = 0;
  /** Clock.now() of the last ejection and of the last return. */
  ejectedAt = 0;
  returnedAt = 0;
}
