/** What a comparison says of connections, in the words of text and markdown alike. */

import type {
  ConnectionRegion,
  ConnectionWay,
  ExampleConnection,
} from '../../diff/connection-difference.ts';

const shownNames = 3;

/** `connections to gateway 443; a.example, b.example and 3 more; destination 10.0.0.0/8`. */
export function connectionsText(region: ConnectionRegion): string {
  const { listener, connections, destinations } = region;
  const parts = [`connections to ${listener}`];
  if (connections.length > 0) parts.push(listText(connections));
  if (destinations.length > 0) parts.push(`destination ${listText(destinations)}`);
  return parts.join('; ');
}

function listText(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).join(', ');
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}

/** As `sluice explain` takes it. */
export function exampleConnectionText({ to, serverName }: ExampleConnection): string {
  return serverName === null ? `--tcp ${to}` : `--tcp ${to} --sni ${serverName}`;
}

export function connectionWayText({ filterChain, place, outcome }: ConnectionWay): string {
  if (filterChain === null) return outcome;
  return `${outcome} by filter chain "${filterChain}"${place === '' ? '' : `, ${place}`}`;
}
