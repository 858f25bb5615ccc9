/** Ingresses through the real command: hosts, paths, certificates, default backends, changes. */

import { request } from 'node:https';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { serviceManifests, startWorkloads } from '../support/named-workloads.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { runCommand, SluiceProcess } from '../support/sluice-process.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';
import { pem } from '../support/tls-fixtures.ts';

const reloaded = { within: 10_000, every: 50 };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function secret(name: string, certificate: string): string {
  return `
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: shop}
type: kubernetes.io/tls
data: {tls.crt: ${base64(pem(certificate))}, tls.key: ${base64(pem(`${certificate}.key`))}}
---`;
}

const services = ['front', 'cart', 'pages']
  .map((name) => serviceManifests({ name, port: 8080, deployments: { [name]: {} } }))
  .join('\n---\n')
  .replaceAll('"metadata":{"name"', '"metadata":{"namespace":"shop","name"');

/** `/cart` goes to `cart`. */
function ingress(cart: string): string {
  return `${secret('cert-a', 'server-a')}${secret('cert-b', 'server-b')}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  ingressClassName: edge
  defaultBackend: {service: {name: pages, port: {number: 8080}}}
  tls:
  - {hosts: [a.example.com], secretName: cert-a}
  - {hosts: [b.example.com], secretName: cert-b}
  rules:
  - host: a.example.com
    http:
      paths:
      - {path: /cart, pathType: Prefix, backend: {service: {name: ${cart}, port: {name: http}}}}
      - {path: /cart, pathType: Exact, backend: {service: {name: front, port: {number: 8080}}}}
      - {path: /gone, pathType: Prefix, backend: {service: {name: nobody, port: {number: 80}}}}
  - host: "*.example.com"
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: front, port: {number: 8080}}}}
`;
}

interface Served {
  readonly proxy: SluiceProcess;
  readonly files: TempFolder;
  readonly http: number;
  readonly https: number;
}

async function serve(t: Test, ...args: readonly string[]): Promise<Served> {
  const files = tempFolder({ 'services.yaml': services, 'ingress.yaml': ingress('cart') });
  const workloads = await startWorkloads(['front', 'cart', 'pages']);
  const [http = 0, https = 0, mesh = 0] = await freePorts(3);
  const proxy = await SluiceProcess.start([
    ...['-f', files.path, '--access-log', 'off', '--outbound', `127.0.0.1:${mesh}`],
    ...['--port', `80=${http}`, '--port', `443=${https}`, ...workloads.args, ...args],
  ]);
  t.teardown(async () => {
    await proxy.kill();
    await workloads.stop();
    files.remove();
  });
  return { proxy, files, http, https };
}

/** `STATUS BODY` of a plain request. */
async function ask(port: number, host: string, path: string): Promise<string> {
  const response = await exchange(getRequest(path, host), { port });
  return `${response.status} ${response.body.toString().trim()}`;
}

interface SecureAnswer {
  readonly text: string;
  readonly names: string;
}

function askSecurely(port: number, host: string, path: string): Promise<SecureAnswer> {
  const options = {
    ...{ port, path, host: '127.0.0.1', servername: host, headers: { host } },
    ...{ rejectUnauthorized: false, agent: false },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (response) => {
      const { socket } = response;
      const names =
        'getPeerCertificate' in socket
          ? (socket as import('node:tls').TLSSocket).getPeerCertificate().subjectaltname
          : '';
      let text = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ text: text.trim(), names: names ?? '' }));
    });
    outgoing.on('error', reject).end();
  });
}

t.test('requests go where the Ingress says', async (t) => {
  const { http, https } = await serve(t);
  const cases: readonly (readonly [host: string, path: string, answer: string])[] = [
    ['a.example.com', '/cart', '200 front GET /cart'],
    ['a.example.com', '/cart/1?q', '200 cart GET /cart/1?q'],
    ['a.example.com', '/carts', '200 pages GET /carts'],
    ['a.example.com', '/gone', '503 '],
    ['c.example.com', '/cart', '200 front GET /cart'],
    ['elsewhere.test', '/', '200 pages GET /'],
  ];
  for (const [host, path, answer] of cases) {
    t.equal(await ask(http, host, path), answer, `http://${host}${path}`);
  }
  const secure: readonly (readonly [host: string, names: RegExp, answer: string])[] = [
    ['a.example.com', /a\.example\.com/, '200 cart GET /cart/1'],
    ['b.example.com', /b\.example\.com/, '200 front GET /cart/1'],
  ];
  for (const [host, names, answer] of secure) {
    const { text, names: shown } = await askSecurely(https, host, '/cart/1');
    t.equal(text, answer, `https://${host}/cart/1`);
    t.match(shown, names);
  }
});

t.test('a change of the file is served without a restart, a mistake is not', async (t) => {
  const { proxy, files, http } = await serve(t);
  t.equal(await ask(http, 'a.example.com', '/cart/1'), '200 cart GET /cart/1');
  files.write('ingress.yaml', ingress('pages'));
  await eventually('the new backend', reloaded, async () => {
    return (await ask(http, 'a.example.com', '/cart/1')) === '200 pages GET /cart/1';
  });
  files.write('ingress.yaml', ingress('front').replaceAll('pathType', 'pathTyp'));
  await eventually('a finding', reloaded, () => /"pathTyp"/.test(proxy.stdout + proxy.stderr));
  t.equal(await ask(http, 'a.example.com', '/cart/1'), '200 pages GET /cart/1', 'as before');
});

t.test('with labels another class is not served', async (t) => {
  const { http, files } = await serve(t, '--labels', 'istio=ingressgateway', '--namespace', 'shop');
  const refused = await ask(http, 'a.example.com', '/').catch(() => 'no listener');
  t.equal(refused, 'no listener');
  const own = ingress('cart').replace('ingressClassName: edge', 'ingressClassName: sluice');
  files.write('ingress.yaml', own);
  await eventually('the class of our own', reloaded, async () => {
    const answer = await ask(http, 'a.example.com', '/cart/1').catch(() => '');
    return answer === '200 cart GET /cart/1';
  });
});

t.test('commands and the admin API know the Ingress', async (t) => {
  const { proxy, files } = await serve(t);
  const admin = ['--admin', `127.0.0.1:${proxy.adminPort}`];
  const table = await runCommand(['proxy-config', 'routes', ...admin]);
  t.match(table.stdout, /a\.example\.com:80 +a\.example\.com +PathPrefix:\/cart +shop\.shop/);
  const explained = await runCommand(['explain', 'GET', 'http://a.example.com/cart/1', ...admin]);
  t.match(explained.stdout, /✓ #\d+ +\S+ingress\.yaml:\d+/);
  t.match(explained.stdout, /outbound\|8080\|\|cart\.shop\.svc\.cluster\.local/);
  const analyzed = await runCommand(['analyze', '-f', files.path]);
  t.notMatch(analyzed.stdout, /SLC0022/, 'the kind is read');
  t.match(analyzed.stdout, /ingress\.yaml:\d+:\d+: warning SLC0203 Ingress shop\/shop: .*nobody/);
});
