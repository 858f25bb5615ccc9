/** Format operators for the ends of connections. */

import { err, ok, type Result } from '../../base/result.ts';
import type { StreamInfo } from '../stream-info.ts';
import { maskedAddress } from './masked-address.ts';
import type { OperatorFactory } from './operator.ts';

type AddressOf = (info: StreamInfo) => string | null;

function orUnset(text: string): string | null {
  return text === '' ? null : text;
}

/** The endpoint is known when it is chosen; a remote address needs a connection. */
const upstreamRemote: AddressOf = (info) =>
  info.upstreamLocalAddress === null ? null : info.upstreamAddress;
const upstreamLocal: AddressOf = (info) => info.upstreamLocalAddress;
const upstreamHost: AddressOf = (info) => info.upstreamAddress;
const downstreamLocal: AddressOf = (info) => orUnset(info.downstreamLocalAddress);
const downstreamRemote: AddressOf = (info) => orUnset(info.downstreamRemoteAddress);
const downstreamDirectRemote: AddressOf = (info) =>
  orUnset(info.downstreamDirectRemoteAddress || info.downstreamRemoteAddress);

/** `1.2.3.4:80` and `[::1]:80` without the port, and without the brackets. */
function withoutPort(address: string): string {
  const host = address.slice(0, address.lastIndexOf(':'));
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

function port(addressOf: AddressOf): (info: StreamInfo) => number | null {
  return (info) => {
    const address = addressOf(info);
    return address === null ? null : Number(address.slice(address.lastIndexOf(':') + 1));
  };
}

/** Failures before there was a connection. */
const unconnected: readonly string[] = ['connect-refused', 'connect-timeout', 'overflow'];

/** As Envoy: those that were connected to, each once, in the order of the attempts. */
function attempted(shown: (address: string) => string): AddressOf {
  return (info) => {
    const addresses = new Set<string>();
    for (const { endpoint, outcome } of info.failedAttempts ?? []) {
      if (endpoint !== null && !unconnected.includes(outcome)) addresses.add(shown(endpoint));
    }
    const last = upstreamRemote(info);
    if (last !== null) addresses.add(shown(last));
    return addresses.size === 0 ? null : [...addresses].join(',');
  };
}

export const addressOperators = {
  UPSTREAM_HOST: upstreamHost,
  UPSTREAM_HOST_NAME: upstreamHost,
  UPSTREAM_HOSTS_ATTEMPTED: attempted((address) => address),
  UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT: attempted(withoutPort),
  UPSTREAM_HOST_NAMES_ATTEMPTED: attempted((address) => address),
  UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT: attempted(withoutPort),
  UPSTREAM_LOCAL_ADDRESS: upstreamLocal,
  UPSTREAM_LOCAL_PORT: port(upstreamLocal),
  UPSTREAM_REMOTE_ADDRESS: upstreamRemote,
  UPSTREAM_REMOTE_PORT: port(upstreamRemote),
  DOWNSTREAM_LOCAL_ADDRESS: downstreamLocal,
  DOWNSTREAM_LOCAL_PORT: port(downstreamLocal),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS: downstreamLocal,
  DOWNSTREAM_DIRECT_LOCAL_PORT: port(downstreamLocal),
  DOWNSTREAM_REMOTE_ADDRESS: downstreamRemote,
  DOWNSTREAM_REMOTE_PORT: port(downstreamRemote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: downstreamDirectRemote,
  DOWNSTREAM_DIRECT_REMOTE_PORT: port(downstreamDirectRemote),
} as const;

/** An argument is the number of bits that are shown: `10.1.0.0/16`. */
export const hostOperators: Readonly<Record<string, OperatorFactory>> = {
  UPSTREAM_HOST_NAME_WITHOUT_PORT: hostFactory(upstreamHost),
  UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: hostFactory(upstreamLocal),
  UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: hostFactory(upstreamRemote),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: hostFactory(downstreamLocal),
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT: hostFactory(downstreamLocal),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: hostFactory(downstreamRemote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: hostFactory(downstreamDirectRemote),
};

function hostFactory(addressOf: AddressOf): OperatorFactory {
  return (argument = '') => {
    const bits = maskBits(argument);
    if (!bits.ok) return bits;
    return ok((info) => {
      const address = addressOf(info);
      if (address === null) return null;
      const host = withoutPort(address);
      return bits.value === null ? host : maskedAddress(host, bits.value);
    });
  };
}

function maskBits(argument: string): Result<number | null, string> {
  if (argument === '') return ok(null);
  if (/^\d{1,3}$/.test(argument) && Number(argument) <= 128) return ok(Number(argument));
  return err('expects a number of bits, 128 at most');
}
