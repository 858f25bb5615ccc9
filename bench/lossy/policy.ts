/** What both proxies are told, and where the endpoints are. */

export const authority = 'orders.example.com';
export const proxyPort = 18_380;
export const adminPort = 18_390;
export const endpointPorts: readonly number[] = [18_301, 18_302, 18_303, 18_304, 18_305];

/** The first ones are those that fail. */
export const failingCount = 2;

/** The route's timeout, milliseconds: no request may wait longer. */
export const timeoutMs = 2_000;
export const retries = {
  attempts: 3,
  perTryTimeoutMs: 250,
  retryOn: '5xx,reset,connect-failure',
} as const;

export const outlierDetection = {
  consecutiveErrors: 5,
  intervalMs: 1_000,
  /** Short, so that failing endpoints come back several times in one run. */
  baseEjectionMs: 1_000,
  maxEjectionPercent: 100,
} as const;
