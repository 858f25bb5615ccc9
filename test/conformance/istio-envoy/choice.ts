/**
 * Which differences in the chosen backend are none: picks that are random, or depend on the ports
 * of a run. Backends are named `service-subset-number` (`reviews-v1-0`, `a-2`).
 */

import { headerList } from './request-bytes.ts';
import type { Outcome, RequestSpec, Scenario } from './scenario.ts';

export class ChoiceRules {
  /** A hash over endpoint addresses that differ from run to run. */
  readonly hashOfRandomPorts: boolean;
  readonly #hashOfFixedPorts: boolean;
  readonly #config: string;

  constructor(scenario: Scenario) {
    const hashes = /\bconsistentHash\b/.test(scenario.config);
    this.hashOfRandomPorts = hashes && scenario.fixed_ports !== true;
    this.#hashOfFixedPorts = hashes && scenario.fixed_ports === true;
    this.#config = scenario.config;
  }

  /** Whether `actual` is as good as the backend recorded. */
  accepts(
    expected: string | null,
    actual: string | null,
    on: { readonly outcome: Outcome; readonly request: RequestSpec; readonly field: string },
  ): boolean {
    if (expected === actual) return true;
    if (expected === null || actual === null) return false;
    const unstable = on.request.unstable?.includes(on.field) === true;
    const hashed = this.#hashOfFixedPorts && hasHashKey(this.#config, on.request);
    if (hashed && !unstable) return false;
    const subset = on.outcome.log?.cluster?.split('|')[2] ?? '';
    return backendGroup(expected, subset) === backendGroup(actual, subset);
  }
}

/** Without the header or cookie that is hashed the choice is random; other keys are always there. */
function hasHashKey(config: string, request: RequestSpec): boolean {
  const headers = headerList(request).map(([name, value]) => [name.toLowerCase(), value] as const);
  const cookie = /httpCookie:\s*\{?\s*name:\s*"?([\w-]+)/.exec(config)?.[1];
  if (cookie !== undefined) {
    return headers.some(([name, value]) => name === 'cookie' && value.includes(`${cookie}=`));
  }
  const header = /httpHeaderName:\s*"?([\w-]+)/.exec(config)?.[1]?.toLowerCase();
  return header === undefined || headers.some(([name]) => name === header);
}

/** The backends among which a cluster chooses: of one subset, or of the whole service. */
function backendGroup(name: string, subset: string): string {
  const withoutNumber = name.replace(/-\d+$/, '');
  return subset === '' ? withoutNumber.replace(/-v\d+$/, '') : withoutNumber;
}
