import t from 'tap';
import { describeOutcome } from '../../../src/cli/explain/describe-outcome.ts';
import type { Explanation } from '../../../src/explain/explanation.ts';

interface Abort {
  readonly abortStatus: number | null;
  readonly abortGrpcStatus: number | null;
  readonly abortPercent: number;
}

/** Forwarded to clusters of these shares; those that are said to be empty have no endpoints. */
function forwarded(
  targets: readonly { readonly percent: number; readonly isEmpty: boolean }[],
  abort: Abort | null = null,
): Explanation {
  return {
    outcome: 'forwarded',
    location: null,
    matched: { fault: abort },
    targets: targets.map(({ percent, isEmpty }) => {
      const names = isEmpty ? [] : ['a.example:80'];
      return { percent, exists: true, discovery: 'static', names, endpoints: [] };
    }),
  } as unknown as Explanation;
}

const all = [{ percent: 100, isEmpty: false }];
const http = { abortStatus: 418, abortGrpcStatus: null };

const cases: readonly (readonly [explanation: Explanation, text: string, style: string])[] = [
  [forwarded(all), 'is forwarded', 'green'],
  [
    forwarded([
      { percent: 90, isEmpty: false },
      { percent: 10, isEmpty: true },
    ]),
    'is forwarded, but 10 % goes where no endpoint is',
    'yellow',
  ],
  [
    forwarded([{ percent: 100, isEmpty: true }]),
    'is answered with 503: its cluster has no endpoints',
    'red',
  ],
  [
    forwarded(all, { ...http, abortPercent: 100 }),
    'is answered with 418 by the fault of its route',
    'yellow',
  ],
  [
    forwarded(all, { abortStatus: null, abortGrpcStatus: 14, abortPercent: 5 }),
    'is forwarded, but for 5 % that a fault answers with grpc-status 14',
    'yellow',
  ],
  [forwarded(all, { ...http, abortPercent: 0 }), 'is forwarded', 'green'],
];

t.test('the first line says what becomes of the request', async (t) => {
  for (const [explanation, text, style] of cases) {
    t.same(describeOutcome(explanation), { text, style }, text);
  }
});
