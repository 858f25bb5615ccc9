/** Rules that say which differences do not count: `field=timeout`, `host=*.test,route=canary*`. */

import { err, ok, type Result } from '../base/result.ts';
import type { ConnectionRegion } from './connection-difference.ts';
import type {
  ModelDifference,
  Region,
  RouteReference,
  StructuralDifference,
} from './difference.ts';
import type { FieldDifference } from './different-treatment.ts';

const ignoreKeys = ['field', 'host', 'route', 'table', 'kind', 'name'] as const;
type IgnoreKey = (typeof ignoreKeys)[number];

/** All that it names must fit; `*` stands for any text. */
export type IgnoreRule = ReadonlyMap<IgnoreKey, RegExp>;

/** The error says what is wrong with the rule. */
export function parseIgnoreRule(text: string): Result<IgnoreRule, string> {
  const rule = new Map<IgnoreKey, RegExp>();
  for (const part of text.split(',')) {
    const equalsAt = part.indexOf('=');
    const key = ignoreKeys.find((known) => known === part.slice(0, equalsAt).trim());
    const value = part.slice(equalsAt + 1).trim();
    if (key === undefined || value === '') {
      return err(`"${part}" is no rule: write KEY=PATTERN, KEY one of ${ignoreKeys.join(', ')}`);
    }
    rule.set(key, globPattern(value));
  }
  return ok(rule);
}

export function withoutIgnored(
  difference: ModelDifference,
  rules: readonly IgnoreRule[],
): ModelDifference {
  if (rules.length === 0) return difference;
  return {
    ...difference,
    regions: difference.regions.flatMap((region) => reducedRegion(region, rules)),
    connections: difference.connections.flatMap((region) => reducedConnections(region, rules)),
    others: difference.others.flatMap((other) => reducedOther(other, rules)),
  };
}

/** What is left of it: the hosts and the fields that no rule takes away. */
function reducedRegion(region: Region, rules: readonly IgnoreRule[]): Region[] {
  const fitting = rules.filter((rule) => {
    const names = [region.old.route, region.new.route].flatMap(routeNames);
    const isRegion = fits(rule, 'kind', ['route']) && fits(rule, 'route', names);
    return isRegion && !rule.has('name') && fits(rule, 'table', region.tables);
  });
  const isLeft = (host: string | null, { field }: FieldDifference): boolean =>
    !fitting.some((rule) => {
      const isHost = host === null ? !rule.has('host') : fits(rule, 'host', [host]);
      return isHost && fits(rule, 'field', [field]);
    });
  const { hosts } = region;
  const leftHosts = hosts.filter((host) => region.differences.some((one) => isLeft(host, one)));
  const asked = hosts.length === 0 ? [null] : leftHosts;
  const differences = region.differences.filter((one) => asked.some((host) => isLeft(host, one)));
  return differences.length === 0 ? [] : [{ ...region, hosts: leftHosts, differences }];
}

/** `host` is a server name, `name` the listener. */
function reducedConnections(
  region: ConnectionRegion,
  rules: readonly IgnoreRule[],
): ConnectionRegion[] {
  const fitting = rules.filter(
    (rule) =>
      fits(rule, 'kind', ['connection']) &&
      fits(rule, 'name', [region.listener]) &&
      !rule.has('route') &&
      !rule.has('table'),
  );
  const { connections } = region;
  const isLeft = (connection: string | null, { field }: FieldDifference): boolean =>
    !fitting.some((rule) => {
      const isHost = connection === null ? !rule.has('host') : fits(rule, 'host', [connection]);
      return isHost && fits(rule, 'field', [field]);
    });
  const left = connections.filter((one) => region.differences.some((field) => isLeft(one, field)));
  const asked = connections.length === 0 ? [null] : left;
  const differences = region.differences.filter((field) => asked.some((one) => isLeft(one, field)));
  return differences.length === 0 ? [] : [{ ...region, connections: left, differences }];
}

function reducedOther(
  other: StructuralDifference,
  rules: readonly IgnoreRule[],
): StructuralDifference[] {
  const fitting = rules.filter(
    (rule) =>
      fits(rule, 'kind', [other.kind]) &&
      fits(rule, 'name', [other.name]) &&
      !(['host', 'route', 'table'] as const).some((key) => rule.has(key)),
  );
  if (other.change !== 'changed') {
    return fitting.some((rule) => !rule.has('field')) ? [] : [other];
  }
  const differences = other.differences.filter(
    ({ field }) => !fitting.some((rule) => fits(rule, 'field', [field])),
  );
  return differences.length === 0 ? [] : [{ ...other, differences }];
}

/** Whether one of the texts fits, or the rule does not ask. */
function fits(rule: IgnoreRule, key: IgnoreKey, texts: readonly string[]): boolean {
  const pattern = rule.get(key);
  return pattern === undefined || texts.some((text) => pattern.test(text));
}

function routeNames(route: RouteReference | null): readonly string[] {
  return route === null ? [] : [route.name];
}

function globPattern(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
