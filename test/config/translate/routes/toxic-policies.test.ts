import t from 'tap';
import { findingPlaces, resource, routes, service, translate } from '../translate-yaml.ts';

const services = service('a');
const to = 'route: [{destination: {host: a}}]';

/** A policy in flow style. */
function policy(name: string, targetRefs: string, toxics: string): string {
  return resource('ToxicPolicy', name, `{targetRefs: ${targetRefs}, toxics: ${toxics}}`).replace(
    'networking.istio.io/v1',
    'sluice.dev/v1',
  );
}

function virtualService(spec: string, name = 'a'): string {
  return resource('VirtualService', name, spec);
}

const twoRules = virtualService(
  `{hosts: [a], http: [{name: one, match: [{uri: {prefix: /one}}], ${to}}, {name: two, ${to}}]}`,
);
const target = '{kind: VirtualService, name: a}';
const cut = (bytes: number) => `{cutBody: {afterBytes: ${bytes}}}`;

/** `route: afterBytes afterBytes …` for each route. */
function cuts(yaml: string): string[] {
  return (routes(translate(services + yaml), 'a') ?? []).map(({ name, toxics }) => {
    const effects = (toxics ?? []).flatMap((toxic) => toxic.effects);
    const bytes = effects.map((effect) => (effect.kind === 'cut-body' ? effect.afterBytes : '?'));
    return `${name}: ${toxics === null ? 'null' : bytes.join(' ')}`;
  });
}

t.test('effects, condition and share in the words of the model', async (t) => {
  const toxics = `[
    {percentage: {value: 0.5}, match: {headers: {A: {}, X-B: {prefix: p}}},
     cutBody: {afterBytes: 1Ki}},
    {bandwidthLimit: {bytesPerSecond: 1k}, slowUpload: {bytesPerSecond: 7}, resetConnection: {}},
    {resetConnection: {afterBytes: 0}},
    {percentage: {value: 0}, resetConnection: {}}]`;
  const translation = translate(services + twoRules + policy('p', `[${target}]`, toxics));
  const plain = { percentage: 1_000_000, headers: [] };
  t.match(routes(translation, 'a')?.[1]?.toxics, [
    {
      percentage: 5_000,
      headers: [
        { name: 'a', match: { kind: 'present' } },
        { name: 'x-b', match: { kind: 'prefix', value: 'p' } },
      ],
      effects: [{ kind: 'cut-body', afterBytes: 1024 }],
      origin: { kind: 'ToxicPolicy', name: 'p' },
    },
    {
      ...plain,
      effects: [
        { kind: 'bandwidth-limit', bytesPerSecond: 1000 },
        { kind: 'slow-upload', bytesPerSecond: 7 },
        { kind: 'reset-connection', afterBytes: null },
      ],
    },
    { ...plain, effects: [{ kind: 'reset-connection', afterBytes: 0 }] },
  ]);
  t.equal(routes(translation, 'a')?.[1]?.toxics?.length, 3, 'what never happens is left out');
});

t.test('distributions', async (t) => {
  const rows = [
    ['{fixed: 1s}', { kind: 'fixed', fixedMs: 1000 }],
    ['{uniform: {min: 1ms, max: 2s}}', { kind: 'uniform', minMs: 1, maxMs: 2000 }],
    [
      '{normal: {mean: 1s, stdDev: 1ms}}',
      { kind: 'normal', meanMs: 1000, stdDevMs: 1, maxMs: 60_000 },
    ],
    ['{exponential: {mean: 1s, max: 2s}}', { kind: 'exponential', meanMs: 1000, maxMs: 2000 }],
    ['{pareto: {min: 1s, shape: 2}}', { kind: 'pareto', minMs: 1000, shape: 2, maxMs: 60_000 }],
  ] as const;
  for (const [latency, distribution] of rows) {
    const toxics = policy('p', `[${target}]`, `[{firstByteLatency: ${latency}}]`);
    const [route] = routes(translate(services + twoRules + toxics), 'a') ?? [];
    t.same(route?.toxics?.[0]?.effects, [{ kind: 'first-byte-latency', distribution }], latency);
  }
});

t.test('targets choose rules; several policies apply in the order of their names', async (t) => {
  const all = `[${target}]`;
  const two = '[{kind: VirtualService, name: a, sectionName: two}]';
  t.same(cuts(twoRules), ['one: null', 'two: null']);
  t.same(cuts(twoRules + policy('p', all, `[${cut(1)}]`)), ['one: 1', 'two: 1']);
  t.same(cuts(twoRules + policy('p', two, `[${cut(1)}]`)), ['one: null', 'two: 1']);
  const several = policy('q', all, `[${cut(2)}, ${cut(3)}]`) + policy('p', two, `[${cut(1)}]`);
  t.same(cuts(twoRules + several), ['one: 2 3', 'two: 1 2 3']);
  const both = policy('p', `[${target}, ${two.slice(1)}`, `[${cut(1)}]`);
  t.same(cuts(twoRules + both), ['one: 1', 'two: 1'], 'a policy applies once');
  t.same(cuts(twoRules + policy('other/p', all, `[${cut(1)}]`)), ['one: null', 'two: null']);
});

t.test('a delegate and the rule that includes it can both be meant', async (t) => {
  const yaml =
    virtualService(
      '{hosts: [a], http: [{name: root, match: [{uri: {prefix: /d}}], delegate: {name: d}}]}',
    ) + virtualService(`{http: [{name: x, ${to}}]}`, 'd');
  const on = (name: string, section: string) =>
    cuts(
      yaml +
        policy(
          'p',
          `[{kind: VirtualService, name: ${name}, sectionName: ${section}}]`,
          `[${cut(1)}]`,
        ),
    );
  t.same(on('d', 'x'), ['root-x: 1']);
  t.same(on('a', 'root'), ['root-x: 1']);
  t.same(cuts(yaml + policy('p', `[${target}]`, `[${cut(1)}]`)), ['root-x: 1']);
});

t.test('targets that are not there are reported', async (t) => {
  const rows = [
    ['{kind: VirtualService, name: aa}', /no VirtualService "aa"/, 'did you mean "a"?'],
    [
      '{kind: VirtualService, name: a, sectionName: tow}',
      /VirtualService "a" has no http rule "tow"/,
      'did you mean "two"?',
    ],
    ['{kind: VirtualService, name: elsewhere}', /no VirtualService "elsewhere"/, null],
  ] as const;
  for (const [ref, message, hint] of rows) {
    const yaml = services + twoRules + policy('p', `[${ref}]`, `[${cut(1)}]`);
    t.match(translate(yaml).findings, [{ code: 'SLC0220', severity: 'warning', message, hint }]);
  }
  const right = services + twoRules + policy('p', `[${target}]`, `[${cut(1)}]`);
  t.same(findingPlaces(translate(right)), []);
});

t.test('the annotation moves faults into the attempts', async (t) => {
  const fault = 'fault: {abort: {httpStatus: 500, percentage: {value: 1}}}';
  const spec = `{hosts: [a], http: [{${fault}, ${to}}]}`;
  const annotated = (yaml: string, value: string) =>
    yaml.replace('{name: ', `{annotations: {sluice.dev/fault-in-attempt: "${value}"}, name: `);
  const inAttempt = (yaml: string) =>
    routes(translate(services + yaml), 'a')?.map((each) => each.fault?.inAttempt);
  t.same(inAttempt(virtualService(spec)), [false]);
  t.same(inAttempt(annotated(virtualService(spec), 'true')), [true]);
  t.same(inAttempt(annotated(virtualService(spec), 'false')), [false]);
  const root = virtualService('{hosts: [a], http: [{delegate: {name: d}}]}');
  const delegate = virtualService(`{http: [{${fault}, ${to}}]}`, 'd');
  t.same(inAttempt(annotated(root, 'true') + delegate), [true], 'said by the root');
  t.same(inAttempt(root + annotated(delegate, 'true')), [true], 'said by the delegate');
});

t.test('an annotation without a fault is reported', async (t) => {
  const annotated = (http: string) =>
    virtualService(`{hosts: [a], http: ${http}}`).replace(
      '{name: ',
      '{annotations: {sluice.dev/fault-in-attempt: "true"}, name: ',
    );
  const found = (http: string) =>
    translate(services + annotated(http)).findings.map(({ code, path }) => `${code} ${path}`);
  const warning = 'SLC0221 metadata.annotations["sluice.dev/fault-in-attempt"]';
  const fault = 'fault: {abort: {httpStatus: 500, percentage: {value: 1}}}';
  t.same(found(`[{${to}}]`), [warning]);
  t.same(found(`[{${to}}, {${to}, ${fault}}]`), []);
});
