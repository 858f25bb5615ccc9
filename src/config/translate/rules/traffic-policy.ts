/**
 * Which parts of a DestinationRule hold for one port and subset. Blocks are replaced whole, never
 * mixed.
 */

import type { PortTrafficPolicy, TrafficPolicy } from '../../schema/destination-rule.ts';

/** The blocks of a policy that hold for every kind of port. */
export type PolicyBlocks = Pick<
  TrafficPolicy,
  'loadBalancer' | 'connectionPool' | 'outlierDetection' | 'tls'
> & {
  // Those of the rule are kept when the settings of a subset's port replace the rest.
  readonly retryBudget?: TrafficPolicy['retryBudget'];
  readonly proxyProtocol?: TrafficPolicy['proxyProtocol'];
};

/** Istio's MergeSubsetTrafficPolicy. */
export function effectivePolicy(
  rule: TrafficPolicy | null,
  subset: TrafficPolicy | null,
  port: number,
): PolicyBlocks {
  const base = forPort(rule, port);
  if (subset === null) return base;
  const merged = { ...base, ...definedBlocks(subset) };
  const ofPort = portSettings(subset, port);
  // Settings of a port do not inherit: what they leave out has its default.
  return ofPort === null ? merged : { ...withoutPorts(base), ...portBlocks(ofPort) };
}

function forPort(policy: TrafficPolicy | null, port: number): PolicyBlocks {
  if (policy === null) return {};
  const ofPort = portSettings(policy, port);
  return ofPort === null ? definedBlocks(policy) : portBlocks(ofPort);
}

export function portSettings(policy: TrafficPolicy | null, port: number): PortTrafficPolicy | null {
  return policy?.portLevelSettings?.find((settings) => settings.port?.number === port) ?? null;
}

function portBlocks(settings: PortTrafficPolicy): PolicyBlocks {
  const { port: _port, ...blocks } = settings;
  return blocks;
}

function definedBlocks(policy: TrafficPolicy): PolicyBlocks {
  const { portLevelSettings: _ports, tunnel: _tunnel, ...blocks } = policy;
  return blocks;
}

/** What the settings of a port cannot say. */
function withoutPorts({ retryBudget, proxyProtocol }: PolicyBlocks): PolicyBlocks {
  return {
    ...(retryBudget === undefined ? {} : { retryBudget }),
    ...(proxyProtocol === undefined ? {} : { proxyProtocol }),
  };
}
