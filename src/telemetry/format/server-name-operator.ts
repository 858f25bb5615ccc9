/** REQUESTED_SERVER_NAME: the server name of TLS, or the host that the request names. */

import { ownValue } from '../../base/own-value.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { Operator } from './operator.ts';

type TextOf = (info: StreamInfo) => string | null;

const hosts: Readonly<Record<string, TextOf>> = {
  ORIG: (info) => info.requestHeaders?.get('x-envoy-original-host') ?? null,
  HOST: (info) => (info.authority === '' ? null : info.authority),
  ORIG_OR_HOST: (info) => hosts['ORIG']?.(info) ?? hosts['HOST']?.(info) ?? null,
};

const serverName: TextOf = (info) => info.requestedServerName;

/** `SNI_ONLY`, `SNI_FIRST` or `HOST_FIRST`, and where the host is from. */
export function compileServerName(argument = ''): Result<Operator, string> {
  const [order = '', source = 'ORIG_OR_HOST', ...rest] = argument.split(':');
  const host = ownValue(hosts, source);
  if (host !== undefined && rest.length === 0) {
    if (order === '' || order === 'SNI_ONLY') return ok(serverName);
    if (order === 'SNI_FIRST') return ok((info) => serverName(info) ?? host(info));
    if (order === 'HOST_FIRST') return ok((info) => host(info) ?? serverName(info));
  }
  return err('expects SNI_ONLY, SNI_FIRST or HOST_FIRST, and then :ORIG, :HOST or :ORIG_OR_HOST');
}
