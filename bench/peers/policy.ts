/**
 * The policy that every peer is given, as far as it can express it: two versions of one service
 * with two endpoints each, header and path routes, a 90/10 split, least request, outlier detection.
 */

/** Body of a response, 23 bytes, where nothing else is asked for. */
export const responseBody = 'hello from the upstream';

export const authority = 'shop.example.com';
/** No route before the last one matches it, so every rule is looked at. */
export const measuredPath = '/items/4711?view=full';
/** Requests that carry it go to v2. */
export const canaryHeader = 'x-canary';
/** Share of v2 among the requests without the header, in percent. */
export const canaryWeight = 10;
export const versionHeader = 'x-version';
/** When a request was due: endpoints send it back, so that the load knows how long it took. */
export const dueHeader = 'x-due';

export type Version = 'v1' | 'v2';

/** Ports of the sample endpoints on the loopback address. */
export const endpointPorts: Readonly<Record<Version, readonly number[]>> = {
  v1: [19_101, 19_102],
  v2: [19_201, 19_202],
};

/** The first proxy listens here, the others after it. */
export const firstProxyPort = 19_080;
export const firstAdminPort = 19_120;

/** Bodies that endpoints have beside the one above, bytes. */
export const bodySizes = [0, 1024, 64 * 1024, 1024 * 1024] as const;

/** Where a body of that size is. No route before the last one matches it either. */
export function bodyPath(bytes: number): string {
  return bytes === responseBody.length ? measuredPath : `/bytes/${bytes}`;
}

/**
 * What the rich policy adds: conditions that normal traffic never meets, so that all it may cost is
 * looking whether they hold. The mirror of every route has a share of 0 %.
 */
export const richPolicy = {
  timeoutSeconds: 15,
  retries: { attempts: 3, perTryTimeoutSeconds: 5, retryOn: '5xx,reset,connect-failure' },
  limits: { connections: 1024, pendingRequests: 1024, requests: 1024, retries: 64 },
} as const;

/**
 * Instead of the policy: many routes, ten for a host. Nine of them lead to v1 by a prefix that
 * nobody asks for; the last one has the split.
 */
export interface ManyRoutes {
  readonly hosts: readonly string[];
  /** Prefixes of the routes before the last one of each host. */
  readonly sections: readonly string[];
}

const routesPerHost = 10;

export function manyRoutes(count: number): ManyRoutes {
  const hosts = Math.ceil(count / routesPerHost);
  const sections = Math.min(count, routesPerHost) - 1;
  return {
    hosts: Array.from({ length: hosts }, (_, index) => `shop-${index}.example.com`),
    sections: Array.from({ length: sections }, (_, index) => `/section-${index}/`),
  };
}
