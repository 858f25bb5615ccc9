import t from 'tap';
import {
  listenerHistograms,
  listenerSamples,
} from '../../../src/telemetry/metrics/listener-samples.ts';
import { ListenerStats } from '../../../src/telemetry/metrics/listener-stats.ts';
import { httpChain } from '../../support/mesh-models.ts';
import { tcpChain } from '../../support/tcp-models.ts';
import { simpleTls } from '../../support/tls-fixtures.ts';
import { testListener } from '../stream-info-fixture.ts';

function samplesOf(stats: ListenerStats, listener = testListener(), port?: number) {
  const all = [...listenerSamples(listener, stats, port)];
  return new Map(all.map(({ name, value }) => [name, value]));
}

t.test('responses count by class', (t) => {
  const stats = new ListenerStats();
  for (const status of [101, 200, 204, 301, 404, 500, 503, 504]) stats.countResponse(status);
  const samples = samplesOf(stats);
  const prefix = 'http.outbound_0.0.0.0_80;.downstream_rq_';
  t.same(
    ['1xx', '2xx', '3xx', '4xx', '5xx', 'completed'].map((name) => samples.get(prefix + name)),
    [1, 2, 1, 1, 3, 8],
  );
  t.end();
});

t.test('names carry the address that is bound and the logical port', (t) => {
  const stats = new ListenerStats();
  stats.downstreamCxTotal = 3;
  stats.downstreamCxHttp1Total = 2;
  const samples = samplesOf(stats, testListener('gateway'), 8080);
  t.equal(samples.get('listener.127.0.0.1_8080.downstream_cx_total'), 3);
  t.equal(samples.get('http.outbound_0.0.0.0_80;.downstream_cx_total'), 3);
  const inbound = samplesOf(stats, testListener('inbound'));
  t.equal(inbound.get('http.inbound_0.0.0.0_80;.downstream_cx_http1_total'), 2);
  const anyPort = samplesOf(stats, { ...testListener(), servicePort: 0 });
  t.equal(anyPort.get('http.outbound_127.0.0.1_15001;.downstream_cx_total'), 3);
  t.end();
});

t.test('a listener of TCP alone has no counters of HTTP', (t) => {
  const listener = { ...testListener(), filterChains: [tcpChain()] };
  const names = [...samplesOf(new ListenerStats(), listener).keys()];
  t.ok(names.includes('listener.127.0.0.1_15001.downstream_cx_total'));
  t.same(
    names.filter((name) => name.includes('http.')),
    [],
  );
  t.end();
});

t.test('every number is shown', (t) => {
  const stats = new ListenerStats();
  const fields = Object.entries(stats)
    .filter(([, value]) => typeof value === 'number')
    .map(([field]) => field);
  for (const [index, field] of fields.entries()) Object.assign(stats, { [field]: index + 1 });
  const listener = { ...testListener(), filterChains: [httpChain({ tls: simpleTls() })] };
  const shown = new Set([...listenerSamples(listener, stats)].map(({ value }) => value));
  t.same(
    fields.filter((_field, index) => !shown.has(index + 1)),
    [],
  );
  t.end();
});

t.test('versions and ciphers of TLS are counted by their names', (t) => {
  const stats = new ListenerStats();
  stats.countHandshake('TLSv1.3', 'TLS_AES_256_GCM_SHA384');
  stats.countHandshake('TLSv1.3', 'TLS_AES_128_GCM_SHA256');
  const listener = { ...testListener(), filterChains: [httpChain({ tls: simpleTls() })] };
  const samples = samplesOf(stats, listener);
  const prefix = 'listener.127.0.0.1_15001.ssl';
  t.equal(samples.get(`${prefix}.handshake`), 2);
  t.equal(samples.get(`${prefix}.versions.TLSv1.3`), 2);
  t.equal(samples.get(`${prefix}.ciphers.TLS_AES_128_GCM_SHA256`), 1);
  t.end();
});

t.test('how long requests and connections took', (t) => {
  const stats = new ListenerStats();
  stats.rqTime.record(12);
  stats.cxLengthMs.record(30_000);
  const histograms = [...listenerHistograms(testListener(), stats)];
  t.same(
    histograms.map(({ name, cumulative }) => [name, cumulative.sum]),
    [
      ['listener.127.0.0.1_15001.downstream_cx_length_ms', 30_000],
      ['http.outbound_0.0.0.0_80;.downstream_cx_length_ms', 30_000],
      ['http.outbound_0.0.0.0_80;.downstream_rq_time', 12],
    ],
  );
  const tcp = { ...testListener(), filterChains: [tcpChain()] };
  t.equal([...listenerHistograms(tcp, stats)].length, 1);
  t.end();
});
