/**
 * Configurations as people write them. The correct ones load as they are, with the Services they
 * refer to, and requests go where they say; the faulty ones give a finding at the right line.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { analyze, hasStackTrace } from '../support/findings.ts';
import { freePort } from '../support/free-port.ts';
import { headerValue } from '../support/http-reader.ts';
import { serviceManifests, startWorkloads } from '../support/named-workloads.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { dataSet, missingData } from '../support/test-data.ts';

const folder = dataSet('user-configs');
const skip = folder === null ? missingData('user-configs') : false;

interface Expectation {
  readonly host: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Backend names that may answer; all of them must, over 60 requests, when there are several. */
  readonly backends?: readonly string[];
  /** Status of an answer that the proxy makes. */
  readonly status?: number;
}

interface RoutingCase {
  readonly files: readonly string[];
  /** Services to make beside the files, and the subsets of each. */
  readonly services: readonly string[];
  readonly port: number;
  readonly listener: 'mesh' | 'gateway';
  readonly requests: readonly Expectation[];
}

const jason = { 'end-user': 'jason' };

const cases: readonly RoutingCase[] = [
  {
    files: ['bookinfo-all-v1.yaml'],
    services: ['productpage', 'reviews', 'ratings', 'details'],
    port: 9080,
    listener: 'mesh',
    requests: ['productpage', 'reviews', 'ratings', 'details'].map((host) => ({
      host,
      backends: [`${host}-v1`],
    })),
  },
  {
    files: ['bookinfo-ratings-abort-500.yaml'],
    services: ['ratings'],
    port: 9080,
    listener: 'mesh',
    requests: [
      { host: 'ratings', headers: jason, status: 500 },
      { host: 'ratings', backends: ['ratings-v1'] },
    ],
  },
  {
    files: ['bookinfo-ratings-delay-7s.yaml'],
    services: ['ratings'],
    port: 9080,
    listener: 'mesh',
    // Without a rule for everybody else they get nothing: Istio answers 404.
    requests: [{ host: 'ratings', status: 404 }],
  },
  {
    files: ['bookinfo-reviews-50-v3.yaml'],
    services: ['reviews'],
    port: 9080,
    listener: 'mesh',
    requests: [{ host: 'reviews', backends: ['reviews-v1', 'reviews-v3'] }],
  },
  {
    files: ['dark-release-header.yaml', 'gateway-subdomains.yaml'],
    services: ['fleetman-webapp'],
    port: 80,
    listener: 'gateway',
    requests: [
      {
        host: 'fleetman.com',
        headers: { 'my-header': 'canary' },
        backends: ['fleetman-webapp-experimental'],
      },
      { host: 'www.fleetman.com', backends: ['fleetman-webapp-original'] },
      { host: 'elsewhere.com', status: 404 },
    ],
  },
  {
    files: ['domain-routing.yaml', 'gateway-subdomains.yaml'],
    services: ['fleetman-webapp'],
    port: 80,
    listener: 'gateway',
    requests: [
      { host: 'fleetman.com', backends: ['fleetman-webapp-original'] },
      { host: 'experimental.fleetman.com', backends: ['fleetman-webapp-experimental'] },
      { host: 'other.fleetman.com', status: 404 },
    ],
  },
  {
    files: ['fault-abort-canary.yaml'],
    services: ['fleetman-staff-service'],
    port: 8080,
    listener: 'mesh',
    requests: [
      { host: 'fleetman-staff-service', headers: { 'x-my-header': 'canary' }, status: 418 },
      { host: 'fleetman-staff-service', backends: ['fleetman-staff-service-safe'] },
    ],
  },
  {
    files: ['prefix-routing.yaml', 'gateway-wildcard.yaml'],
    services: ['fleetman-webapp'],
    port: 80,
    listener: 'gateway',
    requests: [
      { host: 'any', path: '/experimental/x', backends: ['fleetman-webapp-experimental'] },
      { host: 'any', path: '/canary', backends: ['fleetman-webapp-experimental'] },
      { host: 'any', path: '/other', backends: ['fleetman-webapp-original'] },
    ],
  },
  {
    // A name with one dot is no short name: the destination does not exist, as in Istio.
    files: ['gateway-weighted-virtualservice.yaml', 'gateway-wildcard.yaml'],
    services: ['fleetman-webapp'],
    port: 80,
    listener: 'gateway',
    requests: [{ host: 'any', status: 503 }],
  },
  {
    files: [
      'canary-deployments.yaml',
      'canary-service.yaml',
      'canary-destinationrule.yaml',
      'canary-weighted-90-10-virtualservice.yaml',
    ],
    services: [],
    port: 8080,
    listener: 'mesh',
    // On a port other than 80 the host is one of the Service's names, and its rule has no effect.
    requests: [
      {
        host: 'fleetman-staff-service.default',
        backends: ['staff-service', 'staff-service-risky'],
      },
    ],
  },
  {
    files: ['sticky-consistent-hash-header.yaml'],
    services: ['fleetman-staff-service'],
    port: 8080,
    listener: 'mesh',
    requests: [
      {
        host: 'fleetman-staff-service.default',
        backends: subsetsOf('fleetman-staff-service'),
      },
    ],
  },
  {
    files: ['sticky-cookie.yaml'],
    services: ['my-service'],
    port: 8080,
    listener: 'mesh',
    requests: [{ host: 'my-service', backends: subsetsOf('my-service') }],
  },
  {
    files: ['subsets-null-trafficpolicy.yaml'],
    services: ['some-backend-service'],
    port: 8080,
    listener: 'mesh',
    requests: [{ host: 'some-backend-service', backends: subsetsOf('some-backend-service') }],
  },
];

t.setTimeout(240_000);

t.test('correct configurations route as they say', { skip }, async (t) => {
  for (const item of cases) {
    await t.test(item.files.join(' + '), async (t) => {
      const workloads = await startWorkloads([
        ...item.services.flatMap(subsetsOf),
        'staff-service',
        'staff-service-risky',
      ]);
      t.teardown(() => workloads.stop());
      const config = tempFolder({ 'services.yaml': servicesFor(item) });
      t.teardown(() => config.remove());
      const files = item.files.flatMap((name) => ['-f', join(folder ?? '', name)]);
      const port = await freePort();
      const listener =
        item.listener === 'mesh'
          ? ['--outbound', `127.0.0.1:${port}=${item.port}`]
          : ['--port', `${item.port}=${port}`, '--outbound', `127.0.0.1:${await freePort()}`];
      const args = [...files, '-f', config.path, ...listener, ...workloads.args];
      const proxy = await SluiceProcess.start([...args, '--access-log', 'off']);
      t.teardown(() => proxy.kill());
      for (const expected of item.requests) await checkRequest(t, port, expected);
    });
  }
});

interface FaultyCase {
  readonly file: string;
  /** Lines on which the mistake may be said to be. */
  readonly lines: readonly number[];
}

const misplaced: readonly FaultyCase[] = [
  { file: 'bookinfo-reviews-jason-v2.yaml', lines: [8, 9, 10] },
  { file: 'cookie-regex-user.yaml', lines: [6, 7] },
  { file: 'prefix-misindented.yaml', lines: [1, 2, 3, 4, 5] },
  { file: 'weighting-misplaced.yaml', lines: [12, 13, 14] },
];

const tabbed = [
  'ingress-dashboard.yaml',
  'ingress-fanout-rewrite.yaml',
  'ingress-simple-v1beta1.yaml',
  'ingress-subdomains.yaml',
  'ingress-tls-secret.yaml',
  'ingress-tls.yaml',
  'k8s-service-internal.yaml',
  'k8s-service-loadbalancer.yaml',
];

t.test('faulty configurations give a finding at the right line', { skip }, async (t) => {
  const withTabs = tabbed.map((file) => ({ file, lines: [firstTab(join(folder ?? '', file))] }));
  for (const { file, lines } of [...misplaced, ...withTabs]) {
    const analysis = await analyze(join(folder ?? '', file));
    const errors = analysis.findings.filter(({ severity }) => severity === 'error');
    t.equal(analysis.exitCode, 1, `${file}: exit code`);
    t.notOk(hasStackTrace(analysis.stderr), `${file}: no stack trace`);
    t.ok(errors.length > 0, `${file}: an error`);
    const first = errors[0];
    t.ok(lines.includes(first?.line ?? 0), `${file}: line ${lines.join(' or ')}`, { first });
    t.ok(first?.file.endsWith(file), `${file}: names the file`);
  }
});

function firstTab(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.findIndex((line) => line.startsWith('\t')) + 1;
}

function subsetsOf(service: string): string[] {
  if (service === 'fleetman-webapp') return [`${service}-original`, `${service}-experimental`];
  if (service === 'fleetman-staff-service') return [`${service}-safe`, `${service}-risky`];
  if (service === 'some-backend-service') return [`${service}-safe`, `${service}-risky`];
  return [`${service}-v1`, `${service}-v2`, `${service}-v3`];
}

/** Services, Deployments, and a DestinationRule for their subsets where the files have none. */
function servicesFor(item: RoutingCase): string {
  const own = item.files.some((file) => /destinationrule|hash|cookie|null/.test(file));
  const documents = item.services.flatMap((name) => {
    const subsets = subsetsOf(name).map((workload) => workload.slice(name.length + 1));
    const deployments = Object.fromEntries(
      subsets.map((version) => [`${name}-${version}`, { version }]),
    );
    const rule = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name },
      spec: {
        host: name,
        subsets: subsets.map((version) => ({ name: version, labels: { version } })),
      },
    };
    const service = serviceManifests({ name, port: item.port, deployments });
    return own ? [service] : [service, JSON.stringify(rule)];
  });
  return documents.length === 0 ? '# nothing' : documents.join('\n---\n');
}

async function checkRequest(t: Test, port: number, expected: Expectation): Promise<void> {
  const { host, path = '/', headers = {}, backends = [], status = 200 } = expected;
  const bytes = getRequest(path, host, Object.entries(headers));
  const seen = new Set<string | null>();
  const count = backends.length > 1 ? 60 : 1;
  for (let i = 0; i < count; i++) {
    const response = await exchange(bytes, { port });
    const what = `${host}${path} ${JSON.stringify(headers)}: status ${status}`;
    t.ok(response.status === status, what, { status: response.status });
    seen.add(headerValue(response.headers, 'x-backend'));
  }
  if (backends.length === 0) return;
  const wanted = [...backends].sort().join();
  t.ok([...seen].sort().join() === wanted, `${host}${path}: from ${wanted}`, { seen: [...seen] });
}
