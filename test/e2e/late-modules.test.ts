/**
 * What a proxy loads only when it is used (docs/decisions/0030-heap-of-a-proxy.md): an idle one has
 * none of it in its memory, and it comes with the first use.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import 'node:util';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { SluiceProcess, sluiceMain } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { tlsFile } from '../support/tls-fixtures.ts';

t.setTimeout(60_000);

const isBuilt = existsSync(`${sluiceMain}.map`);
const skip = isBuilt
  ? false
  : 'SLUICE_MAIN names no built package: from src/ all types are stripped';
const preload = pathToFileURL(join(import.meta.dirname, '../support/say-loaded.mjs')).href;

/** By what shows that it is there. */
const late: Readonly<Record<string, (loaded: Loaded) => boolean>> = {
  'node:crypto': hasBuiltin('crypto'),
  'node:zlib': hasBuiltin('zlib'),
  'node:tls': hasBuiltin('tls'),
  'node:http2': hasBuiltin('http2'),
  re2js: ({ files }) => files.some((file) => file.includes('/node_modules/re2js/')),
  WebAssembly: ({ compiledWebAssembly }) => compiledWebAssembly > 0,
  'src/explain/': ({ files }) => files.includes('src/explain/explain-request.ts'),
};

/** What an `import` of these evaluates, of which nothing is used. */
const never: typeof late = {
  'all of node:util': hasBuiltin('internal/util/parse_args/parse_args'),
  'all of node:http': hasBuiltin('internal/deps/undici/undici'),
};

interface Loaded {
  /** As in `process.moduleLoadList`. */
  readonly builtins: readonly string[];
  /** Paths of sources, where it is a file of sluice, and URLs of others. */
  readonly files: readonly string[];
  readonly compiledWebAssembly: number;
}

function hasBuiltin(name: string): (loaded: Loaded) => boolean {
  return ({ builtins }) => builtins.includes(`NativeModule ${name}`);
}

async function start(t: Test, resources: string): Promise<SluiceProcess> {
  const folder = tempFolder({ 'rules.yaml': resources });
  const flags = ['--outbound', '127.0.0.1:0=80', '--access-log', 'off', '--gateway-bind'];
  const args = [...flags, '127.0.0.1', '--port', '443=0', '-f', folder.path];
  const proxy = await SluiceProcess.start(args, { env: { NODE_OPTIONS: `--import=${preload}` } });
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  return proxy;
}

async function loadedBy(proxy: SluiceProcess): Promise<Loaded> {
  const answers = (): string[] => proxy.stderr.match(/^loaded: .*\n/gm) ?? [];
  const before = answers().length;
  proxy.signal('SIGUSR2');
  await eventually('its answer', { within: 10_000 }, () => answers().length > before);
  const loaded = JSON.parse((answers().at(-1) ?? '').replace('loaded: ', '')) as Loaded;
  return { ...loaded, files: loaded.files.flatMap(sourcesOf) };
}

/** Of a file of dist/, as its map names them. */
function sourcesOf(url: string): readonly string[] {
  const map = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
  if (!existsSync(map) || url.includes('/node_modules/')) return [url];
  const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { sources: readonly string[] };
  return sources.map((source) => source.replace(/^\.\.\//, ''));
}

function namesIn(table: typeof late, loaded: Loaded): readonly string[] {
  return Object.keys(table).filter((name) => table[name]?.(loaded));
}

const webEntry = (endpointPort: number, annotations: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web, annotations: {${annotations}}}
spec:
  hosts: [web.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${endpointPort}}}]
`;

t.test('an idle proxy has loaded nothing that waits for its use', { skip }, async (t) => {
  const proxy = await start(t, webEntry(9, ''));
  const idle = await loadedBy(proxy);
  t.ok(idle.files.includes('src/cli/run/run.ts'), 'sources are found by the maps');
  t.ok(hasBuiltin('net')(idle), 'so are modules of Node');
  t.strictSame(namesIn({ ...late, ...never }, idle), []);

  t.equal((await proxy.admin('/stats?format=prometheus')).status, 200);
  t.equal((await proxy.admin('/api/v1/explain?url=http://web.test/')).status, 200);
  t.strictSame(namesIn(late, await loadedBy(proxy)), ['node:zlib', 'src/explain/']);
});

/** Of a Gateway with TLS, of a hash, and of a pattern that V8 may take too long for. */
const others = `
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public}
spec:
  servers:
    - port: {number: 443, name: https, protocol: HTTPS}
      hosts: [web.test]
      tls:
        mode: SIMPLE
        serverCertificate: ${tlsFile('server-a.pem')}
        privateKey: ${tlsFile('server-a.key.pem')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec:
  host: web.test
  trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.test]
  gateways: [public, mesh]
  http:
    - match: [{uri: {regex: "/(.*a)*(.*b)*c"}}]
      route: [{destination: {host: web.test, port: {number: 80}}}]
`;

t.test('what waits is loaded where the configuration needs it', { skip }, async (t) => {
  // Who connects is a health check, which it refuses.
  const endpoint = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  t.teardown(() => endpoint.close());
  const { port } = endpoint.address() as AddressInfo;
  const check = '{httpHealthCheck: {path: /, codecClientType: HTTP2}, timeout: 4s}';
  const annotations = `sluice.dev/health-check: "${check}"`;
  const proxy = await start(t, webEntry(port, annotations) + others);
  const later = ['node:zlib', 'src/explain/'];
  const expected = Object.keys(late).filter((name) => !later.includes(name));
  t.strictSame(namesIn(late, await loadedBy(proxy)), expected);
});

t.test('an import of node:util or node:http loads what is looked for', async (t) => {
  const { moduleLoadList: builtins } = process as { moduleLoadList?: readonly string[] };
  const own = { builtins: builtins ?? [], files: [], compiledWebAssembly: 0 };
  t.strictSame(namesIn(never, own), Object.keys(never));
});

t.test('no file of a serving proxy takes much memory to parse', { skip }, async (t) => {
  const folder = join(sluiceMain, '..');
  const names = readdirSync(folder).filter((name) => /^app-\w+\.js$/.test(name));
  t.equal(names.length, 1);
  const seen = new Set(names);
  // Grows while it is gone through.
  for (const name of seen) {
    const code = readFileSync(join(folder, name), 'utf8');
    t.ok(
      code.length < 300_000,
      `${name} has ${code.length} characters (docs/decisions/0152-bundle.md)`,
    );
    for (const [, other = ''] of code.matchAll(/\bfrom"\.\/([\w-]+\.js)"/g)) seen.add(other);
  }
  t.ok(seen.size > 3, [...seen].join(' '));
});
