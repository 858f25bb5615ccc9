/** A StreamInfo of an ordinary exchange, for tests that need one. */

import { HeaderList } from '../../src/http1/header-list.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Direction, Listener } from '../../src/model/listener.ts';
import { StreamInfo } from '../../src/telemetry/stream-info.ts';
import { clusterModel, endpointModel } from '../support/cluster-models.ts';
import { httpChain, listenerModel, sidecarSettings } from '../support/mesh-models.ts';

export function testListener(direction: Direction = 'outbound'): Listener {
  return listenerModel({
    name: `${direction}_127.0.0.1_15001`,
    direction,
    port: 15001,
    filterChains: [httpChain({ routes: { kind: 'table', name: '80' }, http: sidecarSettings() })],
  });
}

export function testEndpoint(port = 9080): Endpoint {
  return endpointModel(port, {
    locality: { region: 'eu', zone: 'a', subzone: '1' },
    workload: {
      name: 'reviews-v1',
      namespace: 'default',
      app: 'reviews',
      version: 'v1',
      canonicalName: 'reviews',
      canonicalRevision: 'v1',
    },
  });
}

export function testCluster(endpoints: readonly Endpoint[] = [testEndpoint()]): Cluster {
  const host = 'reviews.default.svc.cluster.local';
  return clusterModel({
    name: `outbound|9080|v1|${host}`,
    service: { host, name: 'reviews', namespace: 'default', port: 9080 },
    endpoints,
  });
}

/** `GET /ratings/7?full=1` of `reviews:9080`, answered 200 within 12 ms. */
export function testStreamInfo(listener = testListener()): StreamInfo {
  const info = new StreamInfo(listener, 1_000, Date.UTC(2026, 10, 21, 10, 34, 5, 7));
  const cluster = testCluster();
  info.method = 'GET';
  info.path = '/ratings/7?full=1';
  info.authority = 'reviews:9080';
  info.requestHeaders = new HeaderList();
  info.requestHeaders.append('user-agent', 'curl/8.0 (test)');
  info.requestHeaders.append('x-forwarded-for', '10.0.0.1');
  info.requestHeaders.append('cookie', 'session=secret');
  info.requestId = '4682c01b-23fb-4ad1-8c95-91d7fb8ebbff';
  info.routeName = 'canary';
  info.clusterName = cluster.name;
  info.cluster = cluster;
  info.endpoint = cluster.endpoints[0] ?? null;
  info.upstreamAddress = '127.0.0.1:9080';
  info.upstreamLocalAddress = '127.0.0.1:40000';
  info.attempts = 1;
  info.status = 200;
  info.responseHeaders = new HeaderList();
  info.responseHeaders.append('server', 'envoy');
  info.responseHeaders.append('x-backend', 'a-0');
  info.details = 'via_upstream';
  info.bytesSent = 23;
  info.requestEndAt = 1_001;
  info.upstreamHeadAt = 1_010;
  info.upstreamServiceMs = 9;
  info.responseEndAt = 1_012;
  info.endedAt = 1_012.5;
  info.downstreamLocalAddress = '127.0.0.1:15001';
  info.downstreamRemoteAddress = '127.0.0.1:50000';
  return info;
}
