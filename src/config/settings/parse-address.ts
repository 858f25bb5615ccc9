/** Addresses and maps as flags and Bootstrap write them. Errors are sentences for people. */

import { isIP } from 'node:net';
import { err, ok, type Result } from '../../base/result.ts';
import type { InboundBinding, OutboundBinding, SocketAddress } from '../proxy-settings.ts';

const portForm = /^\d{1,5}$/;
const portMax = 65_535;

/** Port 0, a free one, is none that something else can be told of. */
export function parsePort(text: string, minimum: 0 | 1 = 0): Result<number, string> {
  const port = portForm.test(text) ? Number(text) : Number.NaN;
  if (port >= minimum && port <= portMax) return ok(port);
  return err(`"${text}" is not a port (${minimum} to ${portMax})`);
}

/** An IP address or `localhost`, which is 127.0.0.1. IPv6 may stand in brackets. */
export function parseHost(text: string): Result<string, string> {
  if (text === 'localhost') return ok('127.0.0.1');
  const address = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIP(address) !== 0) return ok(address);
  return err(`"${text}" is not an IP address or localhost`);
}

/** `127.0.0.1:80`, `[::1]:80`, `localhost:80`; `:80` is all addresses. */
export function parseSocketAddress(text: string): Result<SocketAddress, string> {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return err(`"${text}" has no port: write IP:PORT, for example 127.0.0.1:9080`);
  const port = parsePort(text.slice(colon + 1));
  if (!port.ok) return port;
  const host = text.slice(0, colon);
  if (host === '') return ok({ address: '0.0.0.0', port: port.value });
  if (isIP(host) === 6) return err(`put the address in brackets: [${host}]:${port.value}`);
  const address = parseHost(host);
  if (address.ok) return ok({ address: address.value, port: port.value });
  return err(`"${host}" is no IP address: write IP:PORT or localhost:PORT`);
}

/** Where something can be connected to: a certain address, a certain port. */
export function parseEndpointAddress(text: string): Result<SocketAddress, string> {
  const parsed = parseSocketAddress(text);
  if (!parsed.ok) return parsed;
  const { address, port } = parsed.value;
  if (port === 0) return err(`"${text}" has port 0, where nothing can listen`);
  const isWildcard = address === '0.0.0.0' || address === '::';
  return isWildcard ? err(`"${text}" has no address: write 127.0.0.1:${port}`) : parsed;
}

/** `ADDR:PORT` or `ADDR:PORT=SERVICE_PORT`. */
export function parseOutbound(text: string): Result<OutboundBinding, string> {
  const [address, servicePort] = splitAtEquals(text);
  const parsed = parseSocketAddress(address);
  if (!parsed.ok) return parsed;
  if (servicePort === null) return ok({ ...parsed.value, servicePort });
  const port = parsePort(servicePort, 1);
  return port.ok ? ok({ ...parsed.value, servicePort: port.value }) : port;
}

/** `ADDR:PORT=APP_PORT`. */
export function parseInbound(text: string): Result<InboundBinding, string> {
  const parsed = parseOutbound(text);
  if (!parsed.ok) return parsed;
  const { address, port, servicePort } = parsed.value;
  if (servicePort === null) {
    return err(`"${text}" has no application port: write ADDR:PORT=APP_PORT`);
  }
  return ok({ address, port, appPort: servicePort });
}

function splitAtEquals(text: string): readonly [string, string | null] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** `KEY=VALUE`; both sides must be there. */
export function parsePair(text: string, form: string): Result<readonly [string, string], string> {
  const [key, value] = splitAtEquals(text);
  if (key === '' || value === null || value === '') {
    return err(`"${text}" is not of the form ${form}`);
  }
  return ok([key, value]);
}

/** `k=v,k=v`. A label may have an empty value. */
export function parseLabels(text: string): Result<Readonly<Record<string, string>>, string> {
  const labels: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const [key, value] = splitAtEquals(part.trim());
    if (key === '' || value === null) return err(`"${part.trim()}" is not of the form key=value`);
    labels[key] = value;
  }
  return ok(labels);
}
