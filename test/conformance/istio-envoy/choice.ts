/**
 * Which differences in the chosen backend are none: picks that are random, or depend on the ports
 * of a run.
 */

import type { Manifest, Ports } from './proxy-config.ts';
import { headerList } from './request-bytes.ts';
import type { Outcome, RequestSpec, Scenario } from './scenario.ts';

/** The configuration as it was given to the proxy. */
export interface Applied {
  readonly documents: readonly Manifest[];
  readonly ports: Ports;
}

export class ChoiceRules {
  /** A hash over endpoint addresses that differ from run to run. */
  readonly hashOfRandomPorts: boolean;
  readonly #scenario: Scenario;
  readonly #hashOfFixedPorts: boolean;
  readonly #groups: readonly ReadonlyMap<string, GroupMember>[];

  constructor(scenario: Scenario, applied: Applied) {
    const hashes = /\bconsistentHash\b/.test(scenario.config);
    this.hashOfRandomPorts = hashes && scenario.fixed_ports !== true;
    this.#hashOfFixedPorts = hashes && scenario.fixed_ports === true;
    this.#scenario = scenario;
    this.#groups = endpointGroups(applied);
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
    const hashed = this.#hashOfFixedPorts && hasHashKey(this.#scenario.config, on.request);
    if (hashed && !unstable) return false;
    const subset = on.outcome.log?.cluster?.split('|')[2] ?? '';
    const known = this.#groups.filter((group) => group.has(expected));
    if (known.length === 0) return nameGroup(expected, subset) === nameGroup(actual, subset);
    const local = this.#scenario.proxy?.locality !== undefined && !unstable;
    return known.some((group) => {
      const wanted = group.get(expected);
      const got = group.get(actual);
      if (got === undefined || (local && got.locality !== wanted?.locality)) return false;
      return subset === '' || got.labels === wanted?.labels;
    });
  }
}

interface GroupMember {
  /** As text. */
  readonly labels: string;
  readonly locality: string;
}

/** The backends of each ServiceEntry. */
function endpointGroups({ documents, ports }: Applied): ReadonlyMap<string, GroupMember>[] {
  const byPort = new Map([...ports.backends].map(([name, port]) => [port, name]));
  return documents
    .filter(({ kind }) => kind === 'ServiceEntry')
    .map(({ spec }) => {
      const group = new Map<string, GroupMember>();
      for (const endpoint of (spec?.['endpoints'] ?? []) as readonly ServiceEntryEndpoint[]) {
        const { labels = {}, locality = '' } = endpoint;
        for (const port of Object.values(endpoint.ports ?? {})) {
          const name = byPort.get(port);
          if (name !== undefined) group.set(name, { labels: JSON.stringify(labels), locality });
        }
      }
      return group;
    });
}

interface ServiceEntryEndpoint {
  readonly ports?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly locality?: string;
}

/** Without the header or cookie that is hashed the choice is random; other keys are always there. */
function hasHashKey(config: string, request: RequestSpec): boolean {
  const headers = headerList(request.headers).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const cookie = /httpCookie:\s*\{?\s*name:\s*"?([\w-]+)/.exec(config)?.[1];
  if (cookie !== undefined) {
    return headers.some(([name, value]) => name === 'cookie' && value.includes(`${cookie}=`));
  }
  const header = /httpHeaderName:\s*"?([\w-]+)/.exec(config)?.[1]?.toLowerCase();
  return header === undefined || headers.some(([name]) => name === header);
}

/** Backends of Kubernetes scenarios are named `service-subset-number`. */
function nameGroup(name: string, subset: string): string {
  const withoutNumber = name.replace(/-\d+$/, '');
  return subset === '' ? withoutNumber.replace(/-v\d+$/, '') : withoutNumber;
}
