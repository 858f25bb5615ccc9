/** A way to break the policy of each scenario of config/loadtests, and who must notice. */

export interface Break {
  /** Below config/. */
  readonly file: string;
  readonly from: RegExp;
  readonly to: string;
  /** Names of assertions. */
  readonly noticed: readonly string[];
}

const rules = (
  scenario: string,
  [from, to]: readonly [from: RegExp, to: string],
  ...noticed: readonly string[]
): Break => ({ file: `loadtests/rules/${scenario}.yaml`, from, to, noticed });

const example = (
  name: string,
  [from, to]: readonly [from: RegExp, to: string],
  ...noticed: readonly string[]
): Break => ({ file: `${name}/rules.yaml`, from, to, noticed });

/** By the name of the scenario. */
export const brokenPolicies: Readonly<Record<string, Break>> = {
  'circuit-breaker': rules(
    'circuit-breaker',
    [/maxConnections: 4([\s\S]*)Requests: 4/, 'maxConnections: 99$1Requests: 99'],
    ...['never more than four', 'the others are turned away'],
  ),
  'endpoint-leaves': rules(
    'endpoint-leaves',
    [/httpHeaderName: x-user/, 'httpHeaderName: x-other'],
    ...['users stay while all are there', 'most users do not move'],
  ),
  fault: rules(
    'fault',
    [/value: 10([\s\S]*)value: 20/, 'value: 60$1value: 90'],
    ...['aborts', 'delays'],
  ),
  'locality-failover': rules(
    'locality-failover',
    [/enabled: true/, 'enabled: false'],
    ...['near by first', 'near by again'],
  ),
  mirror: rules('mirror', [/value: 50/, 'value: 5'], 'copies'),
  'outlier-ejection': rules(
    'outlier-ejection',
    [/consecutive5xxErrors: 3/, 'consecutive5xxErrors: 0'],
    ...['it is ejected, and returns', 'few errors', 'few errors after'],
  ),
  'reload-under-load': rules(
    'changes/all-to-v2',
    [/weight: 0\b([\s\S]*)weight: 100/, 'weight: 100$1weight: 0'],
    'v2 after',
  ),
  'retry-storm': rules(
    'retry-storm',
    [/percent: 20\s+minRetryConcurrency: 3/, 'minRetryConcurrency: 1000'],
    ...['the budget holds', 'there are retries', 'the others are refused'],
  ),
  routes: rules(
    'routes',
    [/subset: v2([\s\S]*)subset: v1/, 'subset: v1$1subset: v2'],
    ...['items are quick', 'one in four searches'],
  ),
  'sticky-canary': example(
    'sticky-canary',
    [/sluice.dev\/sticky-weights: "true"/, 'sluice.dev/sticky-weights: "false"'],
    'clients stay while weights stay',
  ),
  tls: rules('tls', [/mode: SIMPLE/, 'mode: MUTUAL'], 'nothing fails'),
};
