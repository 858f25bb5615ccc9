/** Limits of clients and cross-origin requests. */

import t from 'tap';
import type { RouteExtension } from '../../../../../src/config/schema/route-extension.ts';
import { annotated, ingress, routesFor, said } from './annotated.ts';

function extensionFor(annotations: Record<string, string>): RouteExtension | undefined {
  return routesFor(annotations)[0]?.extension;
}

t.test('requests over time and at the same time', async (t) => {
  const rate = { status: 503, exempt: [] };
  t.same(extensionFor({ 'limit-rps': '5' })?.rateLimits, [
    { name: 'default/main rps', milliRequestsPerSecond: 5000, burst: 25, ...rate },
  ]);
  t.same(extensionFor({ 'limit-rpm': '100', 'limit-burst-multiplier': '1' })?.rateLimits, [
    { name: 'default/main rpm', milliRequestsPerSecond: 1666, burst: 100, ...rate },
  ]);
  t.match(extensionFor({ 'limit-rps': '1', 'limit-rpm': '1' })?.rateLimits, [
    { name: 'default/main rpm', milliRequestsPerSecond: 16 },
    { name: 'default/main rps' },
  ]);
  const both = extensionFor({ 'limit-connections': '3', 'limit-whitelist': '10.0.0.0/8, ::1' });
  t.same(both?.concurrencyLimits, [
    {
      name: 'default/main connections',
      maxRequests: 3,
      status: 503,
      exempt: ['10.0.0.0/8', '::1'],
    },
  ]);
  t.equal(both?.rateLimits, undefined);
  t.equal(extensionFor({ 'limit-rps': '0' })?.rateLimits, undefined);
});

t.test('from where', async (t) => {
  t.same(extensionFor({ 'whitelist-source-range': '10.0.0.0/8,::1' })?.sourceIps, {
    deny: [],
    allow: ['10.0.0.0/8', '::1'],
  });
  t.same(extensionFor({ 'denylist-source-range': '192.0.2.1' })?.sourceIps, {
    deny: ['192.0.2.1'],
    allow: null,
  });
});

t.test('how large', async (t) => {
  const sizes: readonly [string, number | undefined][] = [
    ['0', undefined],
    ['100', 100],
    ['8k', 8192],
    ['1M', 1_048_576],
    ['2g', 2_147_483_648],
  ];
  for (const [text, bytes] of sizes) {
    t.equal(extensionFor({ 'proxy-body-size': text })?.maxRequestBytes, bytes, text);
  }
});

t.test('scripts of other origins', async (t) => {
  const cors = (annotations: Record<string, string>) => routesFor(annotations)[0]?.corsPolicy;
  t.equal(cors({ 'cors-max-age': '5' }), undefined);
  t.match(cors({ 'enable-cors': 'true' }), {
    allowOrigins: [{ exact: '*' }],
    allowMethods: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'],
    allowCredentials: true,
    maxAge: '1728000s',
  });
  t.same(
    cors({
      'enable-cors': 'true',
      'cors-allow-origin': 'https://a.com:8443, https://*.b.com',
      'cors-allow-methods': 'GET,POST',
      'cors-allow-headers': 'X-A, x_b',
      'cors-expose-headers': '*',
      'cors-allow-credentials': 'false',
      'cors-max-age': '5',
    }),
    {
      allowOrigins: [{ exact: 'https://a.com:8443' }, { regex: 'https://[A-Za-z0-9-]+\\.b\\.com' }],
      allowMethods: ['GET', 'POST'],
      allowHeaders: ['X-A', 'x_b'],
      exposeHeaders: ['*'],
      allowCredentials: false,
      maxAge: '5s',
    },
  );
  const wrong = annotated(ingress({ 'enable-cors': 'true', 'cors-allow-origin': 'a.com' }));
  t.match(said(wrong), [/cors-allow-origin cannot be "a\.com"; it is left out/]);
  t.match(said(annotated(ingress({ 'enable-cors': 'true', 'cors-allow-methods': 'G(T' }))), [
    /cannot be "G\(T"/,
  ]);
});
