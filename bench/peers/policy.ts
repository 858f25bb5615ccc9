/**
 * The policy that every peer is given, as far as it can express it: two versions of one service
 * with two endpoints each, header and path routes, a 90/10 split, least request, outlier detection.
 */

/** Body of every response, 23 bytes. */
export const responseBody = 'hello from the upstream';

export const authority = 'shop.example.com';
/** No route before the last one matches it, so every rule is looked at. */
export const measuredPath = '/items/4711?view=full';
/** Requests that carry it go to v2. */
export const canaryHeader = 'x-canary';
/** Share of v2 among the requests without the header, in percent. */
export const canaryWeight = 10;
export const versionHeader = 'x-version';

export type Version = 'v1' | 'v2';

/** Ports of the sample endpoints on the loopback address. */
export const endpointPorts: Readonly<Record<Version, readonly number[]>> = {
  v1: [18_101, 18_102],
  v2: [18_201, 18_202],
};

export const proxyPort = 18_080;
export const adminPort = 18_090;

/**
 * What the rich policy adds: conditions that normal traffic never meets, so that all it may cost is
 * looking whether they hold. The mirror of every route has a share of 0 %.
 */
export const richPolicy = {
  timeoutSeconds: 15,
  retries: { attempts: 3, perTryTimeoutSeconds: 5, retryOn: '5xx,reset,connect-failure' },
  limits: { connections: 1024, pendingRequests: 1024, requests: 1024, retries: 64 },
} as const;

export type PolicyKind = 'plain' | 'rich';
