import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

/** `code path` and message of each finding of a rule with this fault. */
function findings(fault: unknown): string[] {
  const http = [{ route: [{ destination: { host: 'web' } }], fault }];
  const text = JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'a' },
    spec: { hosts: ['web'], http },
  });
  return loadResources([{ path: 'a.json', text }]).findings.map(
    ({ code, path, message }) => `${code} ${path.replace('spec.http[0].fault', '')}: ${message}`,
  );
}

const value = { percentage: { value: 10 } };

t.test('what Istio takes is taken', async (t) => {
  const right = [
    { delay: { ...value, fixedDelay: '1ms' } },
    { delay: { fixedDelay: '5s' }, abort: { httpStatus: 503 } },
    { abort: { ...value, httpStatus: 200 } },
    { abort: { ...value, grpcStatus: 'UNAVAILABLE' } },
    { abort: { percentage: { value: 0.0001 }, httpStatus: 599 } },
    { abort: { percentage: { value: 0 }, httpStatus: 500 } },
  ];
  for (const fault of right) t.same(findings(fault), [], JSON.stringify(fault));
});

t.test('what Istio refuses is refused', async (t) => {
  const rows: readonly (readonly [fault: unknown, expected: RegExp])[] = [
    [{}, /^IST0106 : a fault needs a delay or an abort/],
    [{ delay: { ...value, exponentialDelay: '1s' } }, /exponentialDelay is not supported/],
    [{ abort: { ...value, http2Error: 'x' } }, /http2Error is not supported/],
    [{ delay: { ...value, fixedDelay: '0s' } }, /delay.fixedDelay: .* 1ms or more/],
    [{ delay: { fixedDelay: '1s', percentage: { value: 101 } } }, /0.0001 to 100, not 101/],
    [{ abort: { httpStatus: 503, percentage: { value: 0.00001 } } }, /0.0001 to 100/],
    [{ abort: { ...value, httpStatus: 199 } }, /abort.httpStatus: .*200 to 599/],
    [{ abort: { ...value, grpcStatus: 'unavailable' } }, /"unavailable" is not a gRPC status/],
    [{ abort: { ...value, httpStatus: 503, grpcStatus: 'OK' } }, /only one of httpStatus/],
  ];
  for (const [fault, expected] of rows) {
    const refused = findings(fault).filter((each) => !each.startsWith('SLC0035'));
    t.equal(refused.length, 1, refused.join('; '));
    t.match(refused[0], expected);
  }
});

t.test('an abort without a status is doubtful', async (t) => {
  t.match(findings({ abort: value }), [/^IST0133 .abort: .*neither httpStatus nor grpcStatus/]);
});
