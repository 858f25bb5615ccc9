import t from 'tap';
import { istioLabelNames } from '../../../src/telemetry/metrics/istio-labels.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { TrafficReading } from '../../../src/telemetry/traffic/traffic-reading.ts';

const known: Readonly<Record<string, string>> = {
  response_code: '200',
  grpc_response_status: '',
  request_protocol: 'http',
};

function labelsOf(host: string): string[] {
  return istioLabelNames.map((name) =>
    name === 'destination_service' ? host : (known[name] ?? 'a'),
  );
}

function setUp(maxSeries?: number) {
  const registry = new MetricsRegistry();
  const add = () =>
    registry.counter({
      name: 'istio_requests_total',
      help: 'Requests',
      labelNames: istioLabelNames,
      ...(maxSeries === undefined ? {} : { maxSeries }),
    });
  return { registry, add, reading: new TrafficReading(registry) };
}

t.test('of requests beyond the limit of series nothing is known but their number', (t) => {
  const { add, reading } = setUp(1);
  const family = add();
  family.slot(labelsOf('reviews')).value = 10;
  family.slot(labelsOf('ratings')).value = 90;
  const edges = [...reading.read('look')];
  t.match(
    edges.map(([{ host, protocol }, { requests, errors }]) => ({
      host,
      protocol,
      requests,
      errors,
    })),
    [
      { host: 'reviews', protocol: 'http', requests: 10, errors: 0 },
      { host: '', protocol: 'http', requests: 90, errors: 0 },
    ],
  );
  const [, [, overflow] = []] = edges;
  t.same([overflow?.codes.size, overflow?.grpcCodes.size, overflow?.flags.size], [0, 0, 0]);
  t.end();
});

t.test('edges of metrics that are gone do not add up', (t) => {
  const { registry, add, reading } = setUp();
  for (let round = 0; round < 5; round++) {
    const family = add();
    for (let service = 0; service < 1_000; service++) {
      family.slot(labelsOf(`service-${round}-${service}`)).value = 1;
    }
    t.equal(reading.read('take').size, 1_000);
    registry.remove(family);
  }
  t.equal(reading.read('take').size, 0);
  t.ok(reading.known <= 2_000, `${reading.known} are remembered`);
  t.end();
});
