/** Where everything of the benchmark listens, and what its well-behaved client asks for. */

export const authority = 'shop.example.com';
/** Gateway listeners of the proxy: in plain text, and with TLS. */
export const plainPort = 18_480;
export const tlsPort = 18_443;
export const adminPort = 18_490;
/** Of the client that behaves alone: what attacks do to the other one is not the proxy's doing. */
export const goodEndpointPort = 18_401;
export const endpointPort = 18_402;

/** What the client that behaves asks for. */
export const goodPath = '/cart';
/** What attackers ask for, answered alike. */
export const attackedPath = '/search';
export const goodBody = 'hello from the endpoint';
/** A body that no buffer of a connection takes whole. */
export const largePath = '/large';
export const largeBytes = 512 * 1024;
/** Answered after this time, or when the client is gone. */
export const slowPath = '/slow';
export const slowMs = 200;

/** Core of the proxy; everything else shares the other one. */
export const proxyCore = 0;
export const clientCore = 1;
