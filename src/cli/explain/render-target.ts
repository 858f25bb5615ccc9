/** The end of an explanation: clusters, their endpoints, and what these are sent. */

import type { EndpointDescription } from '../../explain/descriptions.ts';
import type {
  ExplainedCluster,
  ExplainedHeader,
  ExplainedTarget,
} from '../../explain/explained-target.ts';
import type { Explanation } from '../../explain/explanation.ts';
import type { Paint } from '../output/color.ts';
import { printableLine } from '../output/printable.ts';
import { place, policyLines } from './policy-lines.ts';

export interface TargetView {
  readonly paint: Paint;
  /** The health of endpoints is known. */
  readonly isLive: boolean;
  /** What becomes of what finds no endpoint: requests are answered, connections closed. */
  readonly loss: 'answered' | 'closed';
}

export function targetLines({ targets, hash }: Explanation, view: TargetView): string[] {
  const lines = clusterLines(targets, view, hash?.cluster);
  if (hash === null || targets.length === 0) return lines;
  const value = hash.value === null ? 'nothing to hash yet, any endpoint will do' : hash.value;
  return [...lines, `  hash of ${printableLine(hash.policies.join(', then '))}: ${value}`];
}

/** `sticky`: the cluster that a hash gives; null: it is drawn by weight. */
export function clusterLines(
  targets: readonly ExplainedCluster[],
  view: TargetView,
  sticky: string | null = null,
): string[] {
  if (targets.length === 0) return [];
  const { paint } = view;
  const lines = [paint('bold', targets.length === 1 ? 'Cluster' : 'Clusters, by weight')];
  for (const target of targets) {
    const share = `${Math.round(target.percent * 100) / 100} %`;
    const chosen = target.cluster === sticky ? paint('green', '  the hash gives this one') : '';
    const name = `${share.padStart(5)}  ${paint('bold', printableLine(target.cluster))}`;
    lines.push(`  ${name}${place(target.origin, paint)}${chosen}`);
    lines.push(...detailLines(target, view));
  }
  return lines;
}

const indent = '         ';

function detailLines(target: ExplainedCluster, view: TargetView): string[] {
  const { paint } = view;
  if (!target.exists)
    return [indent + paint('red', `does not exist: ${view.loss} with the flag NC`)];
  return [...policyLines(target.policy, paint, indent), ...endpointLines(target, view)];
}

const losses = { answered: 'answered with 503', closed: 'closed' } as const;

function endpointLines(target: ExplainedCluster, { paint, isLive, loss }: TargetView): string[] {
  const { endpoints, names, discovery, hashedEndpoint } = target;
  if (discovery === 'original-dst')
    return [`${indent}endpoint: where the client itself wants to go`];
  if (endpoints.length === 0 && names.length > 0) {
    return [`${indent}endpoints: what DNS says of ${printableLine(names.join(', '))}`];
  }
  if (endpoints.length === 0) {
    return [indent + paint('red', `no endpoints: ${losses[loss]}, flag UH`)];
  }
  return endpoints.map((endpoint) => {
    const chosen = endpoint.address === hashedEndpoint;
    const text = `endpoint ${endpoint.address}${describeEndpoint(endpoint)}`;
    const health = isLive ? `  ${paintHealth(endpoint, paint)}` : '';
    const hashed = chosen ? paint('green', '  the hash gives this one') : '';
    return indent + printableLine(text) + health + hashed;
  });
}

function describeEndpoint({ workload, weight, priority }: EndpointDescription): string {
  const parts: string[] = [];
  if (workload !== null) parts.push(workload.name);
  if (weight !== 1) parts.push(`weight ${weight}`);
  if (priority !== 0) parts.push(`priority ${priority}`);
  return parts.map((part) => `  ${part}`).join('');
}

function paintHealth(endpoint: EndpointDescription, paint: Paint): string {
  const { ejected, failedHealthCheck, excluded, activeRequests } = endpoint;
  if (ejected) return paint('red', 'ejected by outlier detection');
  if (failedHealthCheck) return paint('red', 'fails its health check');
  if (excluded) return paint('yellow', 'asked to be left alone');
  return `${paint('green', 'healthy')}, ${activeRequests} requests under way`;
}

/** Once where all clusters are sent the same. */
export function upstreamLines(explanation: Explanation, paint: Paint): string[] {
  const targets = explanation.targets.filter(({ exists }) => exists);
  const [first] = targets;
  if (first === undefined) return [];
  const isSame = targets.every(({ upstreamHeaders: headers }) => {
    return JSON.stringify(headers) === JSON.stringify(first.upstreamHeaders);
  });
  const shown = isSame ? [first] : targets;
  return shown.flatMap((target) => {
    const whose = isSame ? '' : ` of ${printableLine(target.cluster)}`;
    return [
      `${paint('bold', 'Request')} that an endpoint${whose} is sent`,
      `  ${printableLine(`${explanation.request.method} ${explanation.upstreamPath ?? ''}`)}`,
      ...headerLines(explanation, target, paint),
    ];
  });
}

/** `+` what the proxy adds or changes, `-` what it takes away. */
function headerLines({ request }: Explanation, target: ExplainedTarget, paint: Paint): string[] {
  const client = [{ name: 'host', value: request.authority }, ...request.headers];
  const sent = new Set(client.map(headerLine));
  const received = new Set(target.upstreamHeaders.map(headerLine));
  const gone = client.map(headerLine).filter((line) => !received.has(line));
  return [
    ...target.upstreamHeaders.map((header) => {
      const line = headerLine(header);
      return sent.has(line) ? `    ${line}` : paint('green', `  + ${line}`);
    }),
    ...gone.map((line) => paint('red', `  - ${line}`)),
  ];
}

function headerLine({ name, value }: ExplainedHeader): string {
  return printableLine(`${name}: ${value}`);
}
