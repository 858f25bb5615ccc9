/** Gateways and what they refer to, written in a test, and their conditions as lines of text. */

import type {
  Condition,
  ResourceStatus,
} from '../../../../src/config/conversion/resource-status.ts';
import { pem } from '../../../support/tls-fixtures.ts';
import { gatewayApi } from './connection-yaml.ts';

/** Each listener in flow style without its braces. `more`: other fields, indented by two. */
export function gatewayOf(name: string, listeners: readonly string[], more = ''): string {
  const list = listeners.map((listener) => `    - {${listener}}\n`).join('');
  return gatewayApi('Gateway', name, `\n  gatewayClassName: istio\n  listeners:\n${list}${more}`);
}

/** `from` and `to` in flow style without braces. */
export function grant(name: string, from: string, to: string): string {
  return gatewayApi('ReferenceGrant', name, `{from: [{${from}}], to: [{${to}}]}`);
}

export function namespaceOf(name: string, labels: string): string {
  return `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${labels}}}\n`;
}

/** A Secret for TLS with `server-a` and its key, or with what is given. */
export function secret(name: string, values = pair('server-a')): string {
  return `---\napiVersion: v1\nkind: Secret\n${metadata(name)}stringData: ${JSON.stringify(values)}\n`;
}

export function pair(certificate: string): Readonly<Record<string, string>> {
  return { 'tls.crt': pem(certificate), 'tls.key': pem(`${certificate}.key`) };
}

/** A ConfigMap with an authority. */
export function authorities(name: string): string {
  const data = JSON.stringify({ 'ca.crt': pem('authority') });
  return `---\napiVersion: v1\nkind: ConfigMap\n${metadata(name)}data: ${data}\n`;
}

function metadata(name: string): string {
  const [namespace, own] = name.includes('/') ? name.split('/') : ['default', name];
  return `metadata: {name: ${own}, namespace: ${namespace}}\n`;
}

/** `Accepted False/NoMatchingParent` of each condition that is not as it should be. */
export function bad(conditions: readonly Condition[]): string[] {
  return conditions
    .filter(({ type, status }) => status !== (type === 'Conflicted' ? 'False' : 'True'))
    .map(({ type, status, reason }) => `${type} ${status}/${reason}`);
}

/** `part: number of routes, conditions that are not as they should be` of each part. */
export function partLines({ parts }: ResourceStatus): string[] {
  return parts.map(({ name, attachedRoutes, conditions }) => {
    const count = attachedRoutes === null ? [] : [`${attachedRoutes} routes`];
    return `${name}: ${[...count, ...bad(conditions)].join(', ') || 'good'}`;
  });
}

/** Of the only resource of a kind and name. */
export function statusOf(
  { statuses }: { readonly statuses: readonly ResourceStatus[] },
  kind: string,
  name: string,
): ResourceStatus {
  const found = statuses.find((status) => status.kind === kind && status.name === name);
  if (found === undefined) throw new Error(`there is no status of ${kind} ${name}`);
  return found;
}
