/** The record of an ordinary exchange, for tests that need one. */

import type { RequestRecord } from '../../../src/telemetry/traffic/request-record.ts';

export function testRecord(changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: 7,
    startedAt: Date.UTC(2026, 10, 21, 10, 34, 5, 7),
    durationMs: 120.5,
    listener: 'gateway_80',
    direction: 'gateway',
    protocol: 'HTTP/1.1',
    tls: null,
    client: '127.0.0.1:40000',
    method: 'GET',
    authority: 'bookinfo.example',
    path: '/reviews/7?full=1',
    originalPath: null,
    status: 503,
    grpcStatus: null,
    flags: ['URX', 'UF'],
    details: 'upstream_reset_before_response_started',
    route: 'reviews-canary',
    virtualHost: 'bookinfo.example:80',
    cluster: 'outbound|9080|v1|reviews.default.svc.cluster.local',
    endpoint: '127.0.0.1:9080',
    attempts: 3,
    failedAttempts: [
      { endpoint: '127.0.0.1:9081', outcome: 'connect-refused' },
      { endpoint: '127.0.0.1:9082', outcome: '503' },
    ],
    bytesReceived: 0,
    bytesSent: 2048,
    timings: { requestMs: 1, upstreamMs: null, responseMs: null },
    source: null,
    destination: {
      workload: 'reviews-v1',
      namespace: 'default',
      app: 'reviews',
      version: 'v1',
      service: 'reviews',
    },
    traceId: null,
    requestId: '4682c01b-23fb-4ad1-8c95-91d7fb8ebbff',
    ...changes,
  };
}
