/** Fills in the defaults of assertions, and checks the names that they use. */

import { parseDuration } from '../base/duration.ts';
import type { Path, Problems } from '../config/problem.ts';
import { assertionKinds, type LoadAssertion } from './assertion-schema.ts';
import { type AssertionTimes, checkTimes } from './assertion-times.ts';
import { refuse } from './bad-value.ts';
import type { Check } from './check.ts';
import { milliseconds } from './milliseconds.ts';
import type { Assertion, RequestKind, Target } from './scenario.ts';

export interface AssertionContext extends AssertionTimes {
  readonly requests: readonly RequestKind[];
  readonly target: Target;
  /** Answers tell their route. */
  readonly hasRoutes: boolean;
}

export function resolveAssertion(file: LoadAssertion, context: AssertionContext): Assertion {
  const { path, problems, requests, hasRoutes } = context;
  const { request = null, route = null, during = {}, confidence = 99.9 } = file;
  const kind = assertionKinds.find((name) => file[name] !== undefined);
  if (kind === undefined) {
    refuse(
      { problems, path },
      'the assertion asserts nothing',
      `one of ${assertionKinds.join(', ')}`,
    );
  }
  if (request !== null && !requests.some(({ name }) => name === request)) {
    refuse({ problems, path: [...path, 'request'] }, `no request is named "${request}"`);
  }
  if (route !== null && !hasRoutes) {
    const hint = 'name the header that the rules set in "routeHeader"';
    refuse({ problems, path: [...path, 'route'] }, 'answers do not tell their route', hint);
  }
  const check = resolveCheck(file, [...path, kind ?? ''], problems);
  checkNames(check, [...path, kind ?? ''], context);
  const fromMs = milliseconds(during.from ?? '0s');
  const untilMs = during.until === undefined ? Infinity : milliseconds(during.until);
  const about = [request, route].filter((one) => one !== null).map((one) => `of ${one}`);
  const name = file.name ?? [kind ?? '', ...about].join(' ');
  const assertion = { name, request, route, fromMs, untilMs, confidence: confidence / 100, check };
  checkTimes(assertion, context);
  return assertion;
}

/** Workloads that it speaks of are started by the scenario: only these tell what they were sent. */
function checkNames(check: Check, path: Path, context: AssertionContext): void {
  const { problems, upstreams, requests, target } = context;
  const names = check.kind === 'shares' ? check.of.map(({ workload }) => workload) : [];
  if ('workload' in check) names.push(check.workload);
  for (const name of names) {
    const upstream = upstreams.find(({ workload }) => workload === name);
    if (upstream === undefined) {
      refuse({ problems, path }, `no upstream is the workload "${name}"`);
    } else if (check.kind === 'ejection' && check.endpoint > upstream.endpoints) {
      refuse(
        { problems, path: [...path, 'endpoint'] },
        `"${name}" has ${upstream.endpoints} endpoints`,
      );
    }
  }
  const asksAdmin = check.kind === 'ejection' || check.kind === 'counter';
  if (asksAdmin && target.kind === 'running' && target.admin === null) {
    const message = `${check.kind}s are asked of the admin API`;
    refuse({ problems, path }, message, 'set "admin" of the target');
  }
  const needsKeys =
    check.kind === 'stickiness' ||
    check.kind === 'keysMoved' ||
    (check.kind === 'shares' && check.per === 'key');
  if (needsKeys && requests.every(({ keys }) => keys === null)) {
    refuse({ problems, path }, 'no request has keys', 'set "keys" of a request and use {{key}}');
  }
}

function resolveCheck(file: LoadAssertion, path: Path, problems: Problems): Check {
  const { shares, status, delayed, mirror, recovery, latency, errors } = file;
  if (shares !== undefined) {
    const of = Object.entries(shares.of).map(([workload, value]) => ({
      ...{ workload, share: value / 100 },
    }));
    const sum = Object.values(shares.of).reduce((total, value) => total + value, 0);
    // Percentages with fractions do not add up exactly.
    if (sum > 100 + 1e-6) {
      const message = `shares of ${Number(sum.toFixed(2))} % together are more than all answers`;
      refuse({ problems, path: [...path, 'of'] }, message);
    }
    return { kind: 'shares', of, per: shares.per ?? 'request' };
  }
  if (status !== undefined) {
    return { kind: 'status', code: status.code, share: status.percent / 100 };
  }
  if (delayed !== undefined) {
    const longerThanMs = milliseconds(delayed.longerThan);
    return { kind: 'delayed', longerThanMs, share: delayed.percent / 100 };
  }
  if (mirror !== undefined) {
    return { kind: 'mirror', workload: mirror.workload, share: mirror.percent / 100 };
  }
  if (recovery !== undefined) {
    const [afterMs, withinMs] = [milliseconds(recovery.after), milliseconds(recovery.within)];
    return { kind: 'recovery', afterMs, withinMs, errors: (recovery.errors ?? 0) / 100 };
  }
  if (errors !== undefined) {
    const { atLeast = 0, atMost } = errors;
    return { kind: 'errors', atLeast: atLeast / 100, atMost: atMost / 100 };
  }
  if (latency !== undefined) {
    return { kind: 'latency', limits: resolveLimits(latency, path, problems) };
  }
  return resolvePlaceCheck(file);
}

/** Of checks that look at endpoints and keys. */
function resolvePlaceCheck(file: LoadAssertion): Check {
  const { stickiness, keysMoved, retries, ejection, counter, concurrency } = file;
  if (stickiness !== undefined) {
    const { by = 'endpoint', atLeast = 100 } = stickiness;
    return { kind: 'stickiness', by, atLeast: atLeast / 100 };
  }
  if (keysMoved !== undefined) {
    const { by = 'endpoint', atLeast = 0, atMost, at, settle = '500ms' } = keysMoved;
    const [atMs, settleMs] = [milliseconds(at), milliseconds(settle)];
    return {
      ...{ kind: 'keysMoved', atMs, settleMs, by },
      ...{ atLeast: atLeast / 100, atMost: atMost / 100 },
    };
  }
  if (retries !== undefined) {
    const { atLeast = 0, atMost, window } = retries;
    const windowMs = window === undefined ? null : milliseconds(window);
    return { kind: 'retries', atLeast, atMost, windowMs };
  }
  if (ejection !== undefined) {
    const { workload, endpoint, after, within, returnsWithin } = ejection;
    return {
      ...{ kind: 'ejection', workload, endpoint },
      afterMs: milliseconds(after),
      withinMs: milliseconds(within),
      returnsWithinMs: returnsWithin === undefined ? null : milliseconds(returnsWithin),
    };
  }
  if (counter !== undefined) {
    const { name, atLeast = 0, atMost = Infinity } = counter;
    return { kind: 'counter', name, atLeast, atMost };
  }
  const { workload = '', atLeast = 0, atMost = 0 } = concurrency ?? {};
  return { kind: 'concurrency', workload, atLeast, atMost };
}

function resolveLimits(
  limits: Readonly<Record<string, string>>,
  path: Path,
  problems: Problems,
): { readonly percentile: number; readonly atMostMs: number }[] {
  return Object.entries(limits).map(([name, text]) => {
    const percentile = name === 'max' ? 100 : Number(/^p(\d+(?:\.\d+)?)$/.exec(name)?.[1]);
    const atMostMs = parseDuration(text);
    if (!(percentile > 0 && percentile <= 100)) {
      refuse(
        { problems, path: [...path, name] },
        `"${name}" is no percentile`,
        'write it as p50 or max',
      );
    }
    if (atMostMs === null) {
      refuse(
        { problems, path: [...path, name] },
        `"${text}" is not a duration`,
        'write it like 250ms',
      );
    }
    return { percentile, atMostMs: atMostMs ?? 0 };
  });
}
