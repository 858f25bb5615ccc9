/** Addresses and maps as flags and Bootstrap write them. Errors are sentences for people. */

import { isIP } from 'node:net';
import { err, ok, type Result } from '../../base/result.ts';
import type { InboundBinding, OutboundBinding, SocketAddress } from '../proxy-settings.ts';

const portForm = /^\d{1,5}$/;
const portMax = 65_535;

export function parsePort(text: string): Result<number, string> {
  const port = portForm.test(text) ? Number(text) : Number.NaN;
  if (!(port <= portMax)) return err(`"${text}" is not a port (0 to 65535)`);
  return ok(port);
}

/** `127.0.0.1:80`, `[::1]:80`, `localhost:80`; `:80` is all addresses. */
export function parseSocketAddress(text: string): Result<SocketAddress, string> {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return err(`"${text}" has no port: write ADDR:PORT`);
  const port = parsePort(text.slice(colon + 1));
  if (!port.ok) return port;
  const host = text.slice(0, colon);
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (address === '') return ok({ address: '0.0.0.0', port: port.value });
  if (host === address && isIP(address) === 6) return err(`put brackets around "${address}"`);
  return ok({ address: address === 'localhost' ? '127.0.0.1' : address, port: port.value });
}

/** `ADDR:PORT` or `ADDR:PORT=SERVICE_PORT`. */
export function parseOutbound(text: string): Result<OutboundBinding, string> {
  const [bind = '', servicePort] = text.split('=', 2);
  const address = parseSocketAddress(bind);
  if (!address.ok) return address;
  if (servicePort === undefined) return ok({ ...address.value, servicePort: null });
  const port = parsePort(servicePort);
  return port.ok ? ok({ ...address.value, servicePort: port.value }) : port;
}

/** `ADDR:PORT=APP_PORT`. */
export function parseInbound(text: string): Result<InboundBinding, string> {
  const outbound = parseOutbound(text);
  if (!outbound.ok) return outbound;
  const { address, port, servicePort } = outbound.value;
  if (servicePort === null)
    return err(`"${text}" has no application port: write ADDR:PORT=APP_PORT`);
  return ok({ address, port, appPort: servicePort });
}

/** `KEY=VALUE`; both sides must be there. */
export function parsePair(text: string, form: string): Result<readonly [string, string], string> {
  const equals = text.indexOf('=');
  if (equals <= 0) return err(`"${text}" is not of the form ${form}`);
  return ok([text.slice(0, equals), text.slice(equals + 1)]);
}

/** `k=v,k=v`. */
export function parseLabels(text: string): Result<Readonly<Record<string, string>>, string> {
  const labels: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const pair = parsePair(part.trim(), 'key=value');
    if (!pair.ok) return pair;
    labels[pair.value[0]] = pair.value[1];
  }
  return ok(labels);
}
