/** Rules for connections, `tls` and `tcp`. */

import { parseAddressRange } from '../../base/address-set.ts';
import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import { isHostWithin } from '../registry/host-names.ts';
import type {
  L4MatchAttributes,
  TcpRoute,
  TlsMatchAttributes,
  TlsRoute,
} from '../schema/connection-route.ts';
import { nearestName } from '../schema/suggest.ts';
import { checkPort, isIpAddress } from './addresses.ts';
import { checkDestination, checkWeights } from './destination.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { checkLabels } from './labels.ts';
import { hostMistake } from './virtual-host-names.ts';

export function checkTlsRoutes(
  routes: readonly TlsRoute[],
  hosts: readonly string[],
  problems: Problems,
): void {
  const taken = new Set<string>();
  for (const [index, route] of routes.entries()) {
    const path = ['spec', 'tls', index];
    if (route.match.length === 0) {
      problems.invalid([...path, 'match'], 'a tls rule needs at least one match with sniHosts');
    }
    for (const [matchIndex, match] of route.match.entries()) {
      const place = [...path, 'match', matchIndex];
      checkSniHosts(match, { path: place, hosts }, problems);
      checkMatch(match, place, problems);
      checkTaken(match, { path: place, taken }, problems);
    }
    checkTargets(route, path, problems);
  }
}

interface SniContext {
  readonly path: Path;
  /** Of the resource. */
  readonly hosts: readonly string[];
}

function checkSniHosts(
  { sniHosts }: TlsMatchAttributes,
  { path, hosts }: SniContext,
  problems: Problems,
): void {
  if (sniHosts.length === 0) problems.invalid([...path, 'sniHosts'], 'sniHosts is empty');
  for (const [index, host] of sniHosts.entries()) {
    const place = [...path, 'sniHosts', index];
    const mistake = hostMistake(host, true);
    if (mistake !== null) problems.invalid(place, mistake);
    else if (isIpAddress(host)) {
      problems.doubtful(place, `an address (${host}) is no server name, few clients send one`);
    } else if (!hosts.some((own) => isHostWithin(host, own))) {
      const message = `the server name "${host}" is not covered by the hosts of the resource`;
      const near = nearestName(host, hosts);
      const hint = near === null ? '' : `did you mean "${near}"? If not, `;
      problems.invalid(place, message, `${hint}add it to spec.hosts`);
    }
  }
}

interface TakenContext {
  readonly path: Path;
  /** Server names that earlier matches have, whoever connects and wherever to. */
  readonly taken: Set<string>;
}

/** Of two matches that differ in nothing the second has no connections. */
function checkTaken(
  match: TlsMatchAttributes,
  { path, taken }: TakenContext,
  problems: Problems,
): void {
  for (const [index, host] of match.sniHosts.entries()) {
    if (taken.has(host)) {
      problems.add({
        code: findingCode.ineffectiveMatch,
        path: [...path, 'sniHosts', index],
        at: 'value',
        message: `an earlier rule has all connections for the server name "${host}"`,
        hint: 'remove it here or there',
      });
    } else if (!isConditional(match)) taken.add(host);
  }
}

export function checkTcpRoutes(routes: readonly TcpRoute[], problems: Problems): void {
  let isReached = true;
  for (const [index, route] of routes.entries()) {
    const path = ['spec', 'tcp', index];
    const { match: matches = [] } = route;
    for (const [matchIndex, match] of matches.entries()) {
      checkMatch(match, [...path, 'match', matchIndex], problems);
    }
    checkTargets(route, path, problems);
    if (!isReached) {
      problems.add({
        code: findingCode.unreachableRule,
        path,
        at: 'value',
        message: 'an earlier rule has all connections; this one has none',
        hint: 'give the earlier rule a match, or put this one before it',
      });
    }
    if (matches.length === 0 || matches.some((match) => !isConditional(match))) isReached = false;
  }
}

function isConditional(match: L4MatchAttributes | TlsMatchAttributes): boolean {
  const { port = 0, sourceNamespace = '', sourceLabels = {} } = match;
  const lists = [match.gateways ?? [], match.destinationSubnets ?? [], Object.keys(sourceLabels)];
  return port !== 0 || sourceNamespace !== '' || lists.some((list) => list.length > 0);
}

function checkMatch(
  match: L4MatchAttributes | TlsMatchAttributes,
  path: Path,
  problems: Problems,
): void {
  for (const [index, subnet] of (match.destinationSubnets ?? []).entries()) {
    if (parseAddressRange(subnet).ok) continue;
    problems.invalid([...path, 'destinationSubnets', index], `"${subnet}" is not an address range`);
  }
  if (match.port !== undefined && match.port !== 0) {
    checkPort(match.port, [...path, 'port'], problems);
  }
  checkLabels(match.sourceLabels, [...path, 'sourceLabels'], problems);
  checkGatewayNames(match.gateways, [...path, 'gateways'], problems);
}

function checkTargets(route: TcpRoute | TlsRoute, path: Path, problems: Problems): void {
  const targets = route.route ?? [];
  if (targets.length === 0) problems.invalid(path, 'the rule does not say where connections go');
  for (const [index, { destination }] of targets.entries()) {
    checkDestination(destination, [...path, 'route', index, 'destination'], problems);
  }
  checkWeights(targets, [...path, 'route'], problems);
}
