/** Compares the request that endpoints get, and the endpoint that its hash chooses. */

import type { ExplainedCluster } from '../explain/explained-target.ts';
import type { Explanation } from '../explain/explanation.ts';
import { type Difference, differs } from './difference.ts';
import type { Expectation, UpstreamExpectation } from './schema.ts';

export function compareUpstream(
  expected: Expectation,
  explanation: Explanation | null,
): readonly Difference[] {
  const { upstream } = expected;
  return upstream === undefined ? [] : compareRequest(upstream, explanation);
}

/** Where requests or connections go, as far as it concerns endpoints. */
interface ExplainedTargets {
  readonly targets: readonly ExplainedCluster[];
  readonly hash: Explanation['hash'];
}

export function compareEndpoint(
  { endpoint }: Expectation,
  explanation: ExplainedTargets | null,
): readonly Difference[] {
  return endpoint === undefined ? [] : compareChosen(endpoint, explanation);
}

/** Whichever destination is drawn: all of them must get it as expected. */
function compareRequest(
  expected: UpstreamExpectation,
  explanation: Explanation | null,
): readonly Difference[] {
  const field = 'upstream';
  const targets = explanation?.targets ?? [];
  if (explanation === null || targets.length === 0) {
    return [{ field, expected: 'a request', actual: null }];
  }
  const absent = targets.find(({ exists }) => !exists);
  if (absent !== undefined) {
    return [{ field, expected: 'a request', actual: `none: no service has ${absent.cluster}` }];
  }
  const path =
    expected.path === undefined
      ? []
      : differs(`${field}.path`, expected.path, explanation.upstreamPath);
  const failing = targets
    .map((target) => compareHead(expected, target, explanation))
    .find((differences) => differences.length > 0);
  return [...path, ...(failing ?? [])];
}

function compareHead(
  { authority, headers = {}, absentHeaders = [] }: UpstreamExpectation,
  target: Explanation['targets'][number],
  explanation: Explanation,
): readonly Difference[] {
  const joined = (name: string): string | null => {
    const lines = target.upstreamHeaders.filter((header) => header.name === name.toLowerCase());
    return lines.length === 0 ? null : lines.map(({ value }) => value).join(',');
  };
  const host = joined('host') ?? joined(':authority') ?? explanation.upstreamAuthority;
  return [
    ...(authority === undefined ? [] : differs('upstream.authority', authority, host)),
    ...Object.entries(headers).flatMap(([name, value]) =>
      differs(`upstream.headers.${name}`, value, joined(name)),
    ),
    ...absentHeaders.flatMap((name) => differs(`upstream.headers.${name}`, null, joined(name))),
  ];
}

function compareChosen(expected: string, explanation: ExplainedTargets | null) {
  const { targets = [], hash } = explanation ?? {};
  const chosen =
    targets.length === 1 ? targets[0] : targets.find(({ cluster }) => cluster === hash?.cluster);
  const [only, ...others] = chosen?.endpoints ?? [];
  const address = chosen?.hashedEndpoint ?? (others.length === 0 ? (only?.address ?? null) : null);
  const workload = chosen?.endpoints.find((one) => one.address === address)?.workload?.name ?? null;
  if (expected === workload || expected === address) return [];
  const found = address === null ? 'any of several' : describe(address, workload);
  const isNone = targets.every(({ endpoints }) => endpoints.length === 0);
  return differs('endpoint', expected, isNone ? null : found);
}

function describe(address: string, workload: string | null): string {
  return workload === null || workload === '' ? address : `${address} (${workload})`;
}
