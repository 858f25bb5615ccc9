/**
 * The Ingresses of `user-configs`, mended by `sluice analyze --fix`, served by the real command with
 * the Services that they name, and asked by curl.
 */

import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { freePort, freePorts } from '../support/free-port.ts';
import { serviceManifests, startWorkloads } from '../support/named-workloads.ts';
import { runCommand, SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { pem } from '../support/tls-fixtures.ts';

const folder = dataSet('user-configs');
const skip = folder === null ? missingData('user-configs') : false;
const curl = promisify(execFile);

interface Asked {
  readonly url: string;
  readonly options?: readonly string[];
  /** `STATUS BODY`, the body `WORKLOAD METHOD PATH` where a workload answers. */
  readonly answer: string;
}

interface IngressCase {
  readonly files: readonly string[];
  /** Name to port of the Services that are not in the files. */
  readonly services: Readonly<Record<string, number>>;
  readonly namespace?: string;
  readonly requests: readonly Asked[];
}

const cases: readonly IngressCase[] = [
  {
    files: ['ingress-dashboard.yaml'],
    services: { 'kubernetes-dashboard': 80 },
    namespace: 'kubernetes-dashboard',
    requests: [
      { url: 'http://dashboard.com/', answer: '200 kubernetes-dashboard GET /' },
      {
        url: 'http://dashboard.com/any/path?q',
        answer: '200 kubernetes-dashboard GET /any/path?q',
      },
      { url: 'http://other.com/', answer: '404 ' },
    ],
  },
  {
    // Without capture groups in the paths every path becomes the target.
    files: ['ingress-fanout-rewrite.yaml'],
    services: { 'analytics-service': 3000, 'shopping-service': 8080 },
    requests: [
      { url: 'http://myapp.com/analytics', answer: '200 analytics-service GET /' },
      { url: 'http://myapp.com/analytics/day?q=1', answer: '200 analytics-service GET /?q=1' },
      { url: 'http://myapp.com/shop', answer: '200 shopping-service GET /' },
      { url: 'http://myapp.com/', answer: '404 ' },
    ],
  },
  {
    // A path without `path` is what people use for a default backend.
    files: ['ingress-simple-v1beta1.yaml', 'k8s-service-internal.yaml'],
    services: {},
    requests: [
      { url: 'http://myapp.com/', answer: '200 myapp GET /' },
      { url: 'http://myapp.com/any', answer: '200 myapp GET /any' },
    ],
  },
  {
    files: ['ingress-subdomains.yaml'],
    services: { 'analytics-service': 3000, 'shopping-service': 8080 },
    requests: [
      { url: 'http://analytics.myapp.com/', answer: '200 analytics-service GET /' },
      { url: 'http://shop.myapp.com/cart', answer: '200 shopping-service GET /cart' },
      { url: 'http://myapp.com/', answer: '404 ' },
    ],
  },
  {
    files: ['ingress-tls.yaml', 'ingress-tls-secret.yaml', 'k8s-service-internal.yaml'],
    services: {},
    requests: [
      { url: 'https://myapp.com/', options: ['--insecure'], answer: '200 myapp GET /' },
      { url: 'https://myapp.com/any', options: ['--insecure'], answer: '200 myapp GET /any' },
      { url: 'http://myapp.com/any', answer: '200 myapp GET /any' },
    ],
  },
];

t.setTimeout(120_000);

t.test('Ingresses as people write them are served', { skip }, async (t) => {
  for (const item of cases) {
    await t.test(item.files.join(' + '), async (t) => {
      const ports = await serve(t, item);
      for (const asked of item.requests) t.equal(await ask(asked, ports), asked.answer, asked.url);
    });
  }
});

interface Ports {
  readonly http: number;
  readonly https: number;
}

async function serve(t: Test, { files, services, namespace }: IngressCase): Promise<Ports> {
  const config = tempFolder();
  t.teardown(() => config.remove());
  for (const file of files) cpSync(join(folder ?? '', file), join(config.path, file));
  await runCommand(['analyze', '--fix', '-f', config.path]);
  // The Secret of the files says that its values are base64, and no more.
  if (files.includes('ingress-tls-secret.yaml')) config.write('ingress-tls-secret.yaml', secret());
  config.write('services.yaml', servicesFor(services, namespace ?? 'default'));
  const workloads = await startWorkloads([...Object.keys(services), 'myapp']);
  t.teardown(() => workloads.stop());
  const [http = 0, https = 0] = await freePorts(2);
  const proxy = await SluiceProcess.start([
    ...['-f', config.path, '--access-log', 'off', ...workloads.args],
    ...['--port', `80=${http}`, '--port', `443=${https}`],
    ...['--outbound', `127.0.0.1:${await freePort()}`],
  ]);
  t.teardown(() => proxy.kill());
  return { http, https };
}

/** The Deployment `myapp` is for the Services of the files. */
function servicesFor(services: Readonly<Record<string, number>>, namespace: string): string {
  const own = Object.entries(services).map(([name, port]) =>
    serviceManifests({ name, port, deployments: { [name]: {} } }).replaceAll(
      '"metadata":{"name"',
      `"metadata":{"namespace":"${namespace}","name"`,
    ),
  );
  const [, myapp = ''] = serviceManifests({
    name: 'myapp',
    port: 8080,
    deployments: { myapp: {} },
  }).split('\n---\n');
  return [...own, myapp].join('\n---\n');
}

function secret(): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const data = { 'tls.crt': base64(pem('server-a')), 'tls.key': base64(pem('server-a.key')) };
  const metadata = { name: 'myapp-secret-tls' };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, data });
}

async function ask({ url, options = [] }: Asked, ports: Ports): Promise<string> {
  const { hostname, protocol } = new URL(url);
  const [from, to] = protocol === 'https:' ? [443, ports.https] : [80, ports.http];
  const { stdout } = await curl('curl', [
    ...['--silent', '--show-error', '--max-time', '10', '--noproxy', '*', ...options],
    ...['--connect-to', `${hostname}:${from}:127.0.0.1:${to}`],
    ...['--write-out', '\n%{http_code}', url],
  ]);
  const lines = stdout.split('\n');
  return `${lines.at(-1)} ${lines[0]}`;
}
