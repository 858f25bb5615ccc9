import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runCommand } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

// The real command; the other scenarios of the library are in test/conformance/loadtests.

t.setTimeout(120_000);

const root = join(import.meta.dirname, '../../..');
const scenario = 'config/loadtests/canary.yaml';

async function loadtest(...args: readonly string[]) {
  return runCommand(['loadtest', ...args], { cwd: root });
}

t.test('a right canary passes, with results for people and programs', async (t) => {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  const file = (name: string): string => join(folder.path, name);
  const [json, junit, html] = [file('a.json'), file('a.xml'), file('a.html')];
  const outputs = ['--json', json, '--junit', junit, '--html', html];
  const flags = ['--short', '--seed', '5', ...outputs];
  const { code, stdout, stderr } = await loadtest(scenario, ...flags);
  t.equal(code, 0, `${stdout}${stderr}`);
  t.match(stderr, /^\d s of 2 s: \d+ requests, 0 errors, slowest \d+ ms$/m);
  t.match(stdout, /^REQUESTS +COUNT +P50 .* MAX +ADDED P50 +P99 +RESULTS$/m);
  t.match(stdout, /^all +\d+ .* 200:\d+$/m);
  t.match(stdout, /^shop-v2 1 +\d+ +\d+ +0 +0 +[\d.]+ms +[\d.]+ms$/m);
  t.match(
    stdout,
    /^pass weights: shop-v1 90 %\n {5}found [\d.]+ % .*, interval [\d.]+ % to [\d.]+ %$/m,
  );
  t.match(stdout, /^3 passed, 0 failed \(seed 5\)$/m);
  const summary = JSON.parse(readFileSync(json, 'utf8'));
  t.match(summary, {
    seed: 5,
    durationMs: 2000,
    passed: true,
    assertions: [{ name: 'weights', kind: 'shares', passed: true, interval: { low: Number } }],
    requests: [{ name: 'all', statuses: { 200: Number }, latency: { p50: Number, p999: Number } }],
    endpoints: [
      { workload: 'shop-v1', endpoint: 1, took: { p50: Number } },
      { workload: 'shop-v2' },
    ],
    precision: { driver: { p99: Number }, endpoints: { p99: Number } },
    timeline: [{ second: 0, workloads: { 'shop-v1': Number } }, { second: 1 }],
  });
  t.match(
    readFileSync(junit, 'utf8'),
    /<testsuites name="sluice loadtest" tests="3" failures="0">/,
  );
  const page = readFileSync(html, 'utf8');
  t.match(page, /<title>one request in ten goes to the new version<\/title>/);
  t.match(page, /<span class="pass">3 of 3 hold<\/span>/);
  t.notMatch(page, /(src|href)="(?!data:)/, 'nothing is loaded from elsewhere');
  const embedded = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page)?.[1];
  t.strictSame(JSON.parse(embedded ?? ''), summary);
});

/** A copy of the scenario and of its rules, with other weights. */
function turnedAround(t: Test): string {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  for (const name of ['canary', 'loadtests']) {
    cpSync(join(root, 'config', name), join(folder.path, name), { recursive: true });
  }
  const rules = join(folder.path, 'canary/rules.yaml');
  const text = readFileSync(rules, 'utf8');
  writeFileSync(rules, text.replace(/weight: 90([\s\S]*)weight: 10\b/, 'weight: 10$1weight: 90'));
  return join(folder.path, 'loadtests/canary.yaml');
}

t.test('a canary whose weights are turned around fails, and says how', async (t) => {
  const { code, stdout } = await loadtest(turnedAround(t), '--short', '--junit', '-');
  t.equal(code, 1);
  t.match(stdout, /<testsuites name="sluice loadtest" tests="3" failures="2">/);
  t.match(stdout, /message="expected shop-v1 90 %, found \d[\d.]* % \(\d+ of \d+\), interval /);
});

t.test('a request without a route is told before the load, which goes on', async (t) => {
  const folder = tempFolder({
    'rules.yaml': `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public}
spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.test]}]}
`,
    'scenario.yaml': `target: {config: [rules.yaml]}
load: {phases: [{constant: 20, duration: 100ms}]}
short:
  load: {phases: [{constant: 20, duration: 100ms}]}
  requests: [{host: shop.test}]
`,
  });
  t.teardown(() => folder.remove());
  const args = ['loadtest', 'scenario.yaml', '--short'];
  const { code, stdout, stderr } = await runCommand(args, { cwd: folder.path });
  t.equal(code, 0, stderr);
  t.match(stdout, /^all +2 .* 404:2$/m);
  t.match(stderr, /^scenario\.yaml:5:14: warning SLC0701 GET http:\/\/shop\.test\/ has no route: /);
});

t.test('what cannot be run is said, with the place of the field', async (t) => {
  const folder = tempFolder({ 'rules.yaml': 'kind: VirtualService\n' });
  const canary = join(root, 'config/canary');
  t.teardown(() => folder.remove());
  const load = 'load: {phases: [{constant: 10, duration: 100ms}]}\n';
  const cases: readonly (readonly [text: string, message: RegExp])[] = [
    [
      'target: {config: [a/b]}\n',
      /^scenario\.yaml:1:19: error SLC0032 there is no .*\/a\/b \(paths/,
    ],
    [
      'target: {config: [rules.yaml]}\n',
      /^scenario\.yaml:1:10: error .*the proxy does not start: /,
    ],
    [
      'target:\n  config: [rules.yaml]\n  labels: {a: "b,c"}\n',
      /^scenario\.yaml:3:3: error .*the proxy does not start: --labels: "c" is not /,
    ],
    [
      `target: {gatewayPort: 81, config: [${canary}]}\n`,
      /^scenario\.yaml:1:23: error .*the proxy has no gateway listener for port 81$/m,
    ],
    [
      'target: {address: "a:1"}\ntls: {ca: none.pem}\n',
      /^scenario\.yaml:2:11: error .* cannot read .*none\.pem/,
    ],
    ['target: {address: a}\n', /^scenario\.yaml:1:\d+: error SLC0032 .*HOST:PORT/m],
  ];
  for (const [text, message] of cases) {
    folder.write('scenario.yaml', text + load);
    const { code, stdout, stderr } = await runCommand(['loadtest', 'scenario.yaml'], {
      cwd: folder.path,
    });
    t.equal(code, 1, text);
    t.equal(stdout, '');
    t.match(stderr, message);
    t.notMatch(stderr, /^ {4}at /m);
  }
});
