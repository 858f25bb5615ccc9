import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { formatFinding } from '../../src/config/finding.ts';
import { readScenario } from '../../src/loadtest/read-scenario.ts';

const root = join(import.meta.dirname, '../..');
const read = (text: string, short = false) =>
  readScenario({ path: 'a.yaml', text }, { folder: '/scenarios', short });

const least = `target: {config: [rules]}
load: {phases: [{constant: 10, duration: 2s}]}
`;

t.test('the least scenario has defaults for everything', async (t) => {
  const { scenario, findings } = read(least);
  t.strictSame(findings, []);
  t.match(scenario, {
    target: {
      kind: 'started',
      config: ['/scenarios/rules'],
      listener: { kind: 'gateway', port: 80 },
    },
    protocol: 'http1',
    load: {
      phases: [{ kind: 'open', durationMs: 2000, from: 10, to: 10, poisson: false }],
      warmUpMs: 0,
      connections: 100,
      timeoutMs: 10_000,
    },
    requests: [{ name: 'GET /', weight: 1, method: 'GET', path: '/', host: '' }],
    upstreams: [],
    assertions: [],
  });
});

t.test('a short form that is not there is an error', async (t) => {
  const { scenario, findings } = read(least, true);
  t.equal(scenario, null);
  t.match(findings, [
    { message: 'the scenario has no short form', hint: /leave --short out, or add "short:"/ },
  ]);
});

t.test('the short form puts whole fields in the place of others', async (t) => {
  const text = `${least}short: {load: {phases: [{steps: [1, 2], duration: 1s}]}}\n`;
  t.equal(read(text).scenario?.load.phases.length, 1);
  t.match(read(text, true).scenario?.load.phases, [
    { durationMs: 1000, from: 1, to: 1 },
    { durationMs: 1000, from: 2, to: 2 },
  ]);
});

const upstreams = `upstreams:
  - {workload: a, endpoints: 2, failures: [{at: 500ms, for: 1s, endpoint: 2, status: 503}]}
  - {workload: b, errors: {percent: 50}}
`;
const [first, second] = ['workload: a, endpoint: 1', 'workload: a, endpoint: 2'];

t.test('times and shares that can be are taken', async (t) => {
  const { findings } = read(`${least}${upstreams}assertions:
  - {errors: {atMost: 1}, during: {from: 1900ms, until: 3s}}
  - {recovery: {after: 500ms, within: 2s}}
  - {ejection: {${second}, after: 500ms, within: 1s}}
  - {ejection: {workload: b, endpoint: 1, after: 0s, within: 1s}}
  - {shares: {of: {a: 33.4, b: 66.6}}}
`);
  t.strictSame(findings.map(formatFinding), []);
});

const mistakes: readonly (readonly [name: string, text: string, finding: RegExp])[] = [
  ['an empty file', '', /the file is empty/],
  ['two documents', `${least}---\n${least}`, /the file has 2 documents/],
  ['broken YAML', 'load: {', /a\.yaml:1/],
  ['an unknown field', `${least}lod: 1\n`, /^a\.yaml:3:1: error .*unknown field "lod".*"load"/],
  ['no load', 'target: {address: "a:1"}\n', /"load" is missing/],
  [
    'no target',
    least.replace('config: [rules]', ''),
    /1:1: .*SLC0032.*not said what is under load/,
  ],
  ['two targets', least.replace('[rules]', '[a], address: "b:1"'), /only one of config, address/],
  ['an address without port', least.replace('config: [rules]', 'address: b'), /is HOST:PORT/],
  ['a phase without load', least.replace('constant: 10, ', ''), /does not say its load/],
  ['too many requests', least.replace('10,', '1e6,').replace('2s', '1h'), /more than 20000000/],
  ['load of no length', least.replace('2s', '0s'), /no duration/],
  [
    'an unknown template',
    `${least}requests: [{path: "/{{x}}"}]\n`,
    /3:19: .*\{\{x\}\} is not known/,
  ],
  ['a key without keys', `${least}requests: [{path: "/{{key}}"}]\n`, /needs "keys"/],
  [
    'a failure that does nothing',
    `${least}upstreams: [{workload: a, failures: [{at: 1s}]}]\n`,
    /does not say what happens/,
  ],
  ['a workload twice', `${least}upstreams: [{workload: a}, {workload: a}]\n`, /is there already/],
  [
    'percentiles that fall',
    `${least}upstreams: [{workload: a, latency: {percentiles: {"50": 2ms, "100": 1ms}}}]\n`,
    /rising durations/,
  ],
  ['an assertion of nothing', `${least}assertions: [{name: a}]\n`, /asserts nothing.*shares/],
  [
    'an unknown workload',
    `${least}assertions: [{shares: {of: {a: 50}}}]\n`,
    /no upstream is the workload "a"/,
  ],
  ['an unknown request', `${least}assertions: [{request: a, errors: {atMost: 1}}]\n`, /named "a"/],
  ['an unknown percentile', `${least}assertions: [{latency: {q: 1s}}]\n`, /"q" is no percentile/],
  [
    'a change without a pause',
    `${least}changes: [{at: 1s, every: 0s, file: a.yaml, with: [b.yaml]}]\n`,
    /again after no time/,
  ],
  [
    'a route that nobody tells',
    `${least}assertions: [{route: a, errors: {atMost: 1}}]\n`,
    /do not tell their route.*"routeHeader"/,
  ],
  [
    'a counter without the admin API',
    `${least.replace('config: [rules]', 'address: "a:1"')}assertions: [{counter: {name: x}}]\n`,
    /counters are asked of the admin API.*"admin"/,
  ],
  [
    'a time that ends before it begins',
    `${least}assertions: [{errors: {atMost: 1}, during: {from: 1500ms, until: 1s}}]\n`,
    /a\.yaml:3:66: error SLC0032 no time is from 1\.5 s until 1 s/,
  ],
  [
    'a time after the end of the load',
    `${least}assertions: [{errors: {atMost: 1}, during: {from: 2s}}]\n`,
    /3:\d+: .*the load ends after 2 s, no request is due from 2 s on/,
  ],
  [
    'a recovery after the end of the load',
    `${least}assertions: [{recovery: {after: 3s, within: 1s}}]\n`,
    /3:33: .*the load ends after 2 s, no request is due from 3 s on/,
  ],
  [
    'keys that move after the end of the load',
    `${least}requests: [{keys: {count: 1}}]\nassertions: [{keysMoved: {at: 1600ms, atMost: 1}}]\n`,
    /no request is due from 2\.1 s on/,
  ],
  [
    'an ejection after the end of the load',
    `${least}${upstreams}assertions: [{ejection: {${first}, after: 5s, within: 1s}}]\n`,
    /no request is due from 5 s on/,
  ],
  [
    'an ejection without a reason',
    `${least}${upstreams}assertions: [{ejection: {${first}, after: 0s, within: 1s}}]\n`,
    /no failure of a endpoint 1 lasts at 0 ms \(it has none in "failures"\)/,
  ],
  [
    'an ejection before its reason',
    `${least}${upstreams}assertions: [{ejection: {${second}, after: 0s, within: 1s}}]\n`,
    /no failure of a endpoint 2 lasts at 0 ms \(there is one from 500 ms until 1\.5 s\)/,
  ],
  [
    'shares of more than all',
    `${least}${upstreams}assertions: [{shares: {of: {a: 60, b: 50}}}]\n`,
    /6:\d+: .*shares of 110 % together are more than all answers/,
  ],
  ['stickiness without keys', `${least}assertions: [{stickiness: {}}]\n`, /no request has keys/],
];

for (const [name, text, finding] of mistakes) {
  t.test(`${name} is found`, async (t) => {
    const { scenario, findings } = read(text);
    t.equal(scenario, null);
    t.match(findings.map(formatFinding).join('\n'), finding);
  });
}

const shipped = globSync('config/loadtests/*.yaml', { cwd: root });
const schema = readFileSync(join(root, 'config/schema/loadtest.json'), 'utf8');
const accepts = new Ajv({ strict: false }).compile(JSON.parse(schema));

for (const file of shipped) {
  t.test(`${file} is sound, for sluice and for editors`, async (t) => {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    for (const short of [false, true]) {
      const { findings, scenario } = readScenario({ path, text }, { folder: dirname(path), short });
      t.strictSame(findings.map(formatFinding), []);
      t.not(scenario, null);
    }
    t.ok(accepts(parse(text, { merge: true })), JSON.stringify(accepts.errors));
  });
}
