/** The connection that is to be explained, where no request is read of it. */

import { isIP } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';
import { type AskedClient, type ClientText, readAskedClient } from './asked-client.ts';

/** With a server name it begins with TLS, otherwise with anything that is not HTTP. */
export interface AskedConnection extends AskedClient {
  /** Name or address as the client calls it; lower case, an address of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface ConnectionText extends ClientText {
  /** `host:port`. */
  readonly to: string;
}

const toForm = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/i;

/** The error is a sentence for whoever asked. */
export function readAskedConnection(text: ConnectionText): Result<AskedConnection, string> {
  const [, address, name, digits] = toForm.exec(text.to) ?? [];
  const host = (address ?? name ?? '').toLowerCase();
  const port = Number(digits ?? 0);
  const isAddress = address === undefined || isIP(address) === 6;
  if (!isAddress || port < 1 || port > 65535) {
    return err(`a connection goes to HOST:PORT, such as db.example:5432, not "${text.to}"`);
  }
  const client = readAskedClient(text);
  return client.ok ? ok({ host, port, ...client.value }) : client;
}
