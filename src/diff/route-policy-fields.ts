/** Policies of a route in the words in which `sluice explain` tells them, to be compared. */

import { describeRoutePolicy } from '../explain/describe-route-policy.ts';
import type { RequestAdmission } from '../model/request-admission.ts';
import type { Route } from '../model/route.ts';
import { type Field, plain } from './field.ts';

const admissionNames = ['request body', 'rate limit', 'concurrency', 'sources'];

export function* routePolicyFields(route: Route): Iterable<readonly [string, Field]> {
  const { fault, cors, admission, customResponse } = route;
  if (!fault && !cors && !admission && !customResponse) return;
  const policy = describeRoutePolicy(route);
  const said = (value: unknown, ...names: readonly string[]): Field => {
    const lines = policy.filter(({ name }) => names.includes(name));
    const isOne = names.length === 1;
    const words = lines.map(({ name, value: text }) => (isOne ? text : `${name}: ${text}`));
    const field = plain(value ?? null);
    return words.length === 0 ? field : { ...field, words: words.join('; ') };
  };
  yield ['fault', said(fault, 'fault')];
  yield ['cors', said(cors, 'corsPolicy')];
  yield ['what a request must pass', said(withoutNames(admission), ...admissionNames)];
  yield ['error pages', said(customResponse, 'error pages')];
}

/** Limits are called after the resource that asks for them. */
function withoutNames(admission: RequestAdmission | undefined): unknown {
  if (admission === undefined) return null;
  const { rateLimits, concurrencyLimits } = admission;
  return {
    ...admission,
    rateLimits: rateLimits.map((limit) => ({ ...limit, name: undefined })),
    concurrencyLimits: concurrencyLimits.map((limit) => ({ ...limit, name: undefined })),
  };
}
