import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

/** Findings of a policy with these toxics: `severity path: message`. */
function findings(toxics: unknown, targetRefs: unknown = [{ kind: 'VirtualService', name: 'a' }]) {
  const text = JSON.stringify({
    apiVersion: 'sluice.dev/v1',
    kind: 'ToxicPolicy',
    metadata: { name: 'p' },
    spec: { targetRefs, toxics },
  });
  return loadResources([{ path: 'p.json', text }]).findings.map(
    ({ severity, path, message, hint }) =>
      `${severity} ${path.replace('spec.toxics[0].', '')}: ${message}${hint === null ? '' : ` (${hint})`}`,
  );
}

function latency(firstByteLatency: unknown): string[] {
  return findings([{ firstByteLatency }]);
}

t.test('Istio knows nothing of the kind, so the code is not one of its own', async (t) => {
  const text = JSON.stringify({
    apiVersion: 'sluice.dev/v1',
    kind: 'ToxicPolicy',
    metadata: { name: 'p' },
    spec: { targetRefs: [], toxics: [{ cutBody: { afterBytes: '5Kb' } }] },
  });
  const { findings: found } = loadResources([{ path: 'p.json', text }]);
  t.same(
    found.map(({ code }) => code),
    ['SLC0032', 'SLC0032'],
  );
});

t.test('what is right has no finding', async (t) => {
  const right = [
    { cutBody: { afterBytes: 0 } },
    { cutBody: { afterBytes: '1Ki' } },
    { resetConnection: {} },
    { resetConnection: { afterBytes: 1 } },
    { bandwidthLimit: { bytesPerSecond: '64Ki' }, slowUpload: { bytesPerSecond: 1 } },
    { firstByteLatency: { fixed: '1s' } },
    { firstByteLatency: { uniform: { min: '0s', max: '1s' } } },
    { firstByteLatency: { normal: { mean: '0s', stdDev: '1ms' } } },
    { firstByteLatency: { exponential: { mean: '1ms', max: '1h' } } },
    { firstByteLatency: { pareto: { min: '5ms', shape: 1.5, max: '5ms' } } },
    { percentage: { value: 0.1 }, match: { headers: { 'x-a': {} } }, resetConnection: {} },
  ];
  for (const toxic of right) t.same(findings([toxic]), [], JSON.stringify(toxic));
});

t.test('what is wrong is said with its place', async (t) => {
  const rows: readonly (readonly [found: string[], expected: RegExp])[] = [
    [findings([]), /^error spec.toxics: the policy has no toxics/],
    [findings([{}]), /^error spec.toxics\[0\]: the toxic does nothing \(set one or more of /],
    [findings([{ cutBody: {} }]), /"afterBytes" is missing/],
    [
      findings([{ cutBody: { afterBytes: -1 } }]),
      /^error cutBody.afterBytes: .* 0 or more, not -1/,
    ],
    [findings([{ cutBody: { afterBytes: '1 KB' } }]), /"1 KB" is not a number of bytes/],
    [
      findings([{ bandwidthLimit: { bytesPerSecond: 0 } }]),
      /^error bandwidthLimit.bytesPerSecond: .* 1 or more, not 0/,
    ],
    [findings([{ slowUpload: { bytesPerSeconds: 1 } }]).slice(1), /did you mean "bytesPerSecond"/],
    [findings([{ resetConection: {} }]).slice(0, 1), /did you mean "resetConnection"/],
    [
      findings([{ resetConnection: {}, percentage: { value: 101 } }]),
      /percentage must be 0 to 100/,
    ],
    [findings([{ resetConnection: {}, percentage: {} }]), /^warning percentage: .* is 0, so that/],
    [
      findings([{ resetConnection: {}, match: { headers: { 'a b': {} } } }]),
      /"a b" is not a header name/,
    ],
    [
      findings([{ resetConnection: {}, match: { headers: { a: { regex: '(' } } } }]),
      /is not a regular expression/,
    ],
    [latency({}), /^error firstByteLatency: the latency has no distribution/],
    [latency({ fixed: '1s', uniform: { min: '1s', max: '2s' } }), /only one of fixed, uniform/],
    [latency({ fixed: '0s' }), /^error firstByteLatency.fixed: .* must be 1ms or more/],
    [latency({ fixed: '5' }), /"5" is not a duration \(write the unit/],
    [latency({ uniform: { min: '2s', max: '1s' } }), /uniform.max: the longest time, 1s, is below/],
    [latency({ uniform: { min: '-1s', max: '1s' } }), /uniform.min: .* must not be negative/],
    [latency({ normal: { mean: '1s' } }), /"stdDev" is missing/],
    [latency({ exponential: { mean: '0s' } }), /exponential.mean: .* must be 1ms or more/],
    [latency({ pareto: { min: '1s', shape: 0 } }), /pareto.shape: the shape must be more than 0/],
    [latency({ pareto: { min: '1s', shape: 1, max: '5ms' } }), /longest time, 5ms, is below/],
    [findings([{ resetConnection: {} }], []), /^error spec.targetRefs: the policy has no target/],
    [
      findings([{ resetConnection: {} }], [{ kind: 'Gateway', name: 'a' }]),
      /cannot be "Gateway" \(one of VirtualService\)/,
    ],
    [
      findings([{ resetConnection: {} }], [{ kind: 'VirtualService', name: '' }]),
      /^error spec.targetRefs\[0\].name: the name must not be empty/,
    ],
  ];
  for (const [found, expected] of rows) {
    t.equal(found.length, 1, found.join('; '));
    t.match(found[0], expected);
  }
});

t.test('a target twice is a mistake, two sections are not', async (t) => {
  const target = { kind: 'VirtualService', name: 'a' };
  const toxics = [{ resetConnection: {} }];
  t.match(findings(toxics, [target, target]), [/the target is listed twice/]);
  t.same(findings(toxics, [{ ...target, sectionName: 'x' }, target]), []);
});
