/** What `sluice explain` does: by files, which it compiles and opens nothing for, or a proxy. */

import { isIP } from 'node:net';
import { err, ok, type Result } from '../../base/result.ts';
import { readSmallFile } from '../../base/small-file.ts';
import type { ClientText } from '../../explain/asked-client.ts';
import { type AskedConnection, readAskedConnection } from '../../explain/asked-connection.ts';
import { readAskedRequest } from '../../explain/asked-request.ts';
import type { ConnectionExplanation } from '../../explain/connection-explanation.ts';
import { explainConnection } from '../../explain/explain-connection.ts';
import { explainRequest } from '../../explain/explain-request.ts';
import { exitCode } from '../exit-code.ts';
import { AdminConnection } from '../options/admin-connection.ts';
import { usageError } from '../options/usage-error.ts';
import { usesColor } from '../output/color.ts';
import { fail, say } from '../output/say.ts';
import { loadExplainedConfig } from './explain-config.ts';
import { type ExplainFlags, sideOf } from './explain-flags.ts';
import { renderConnection } from './render-connection.ts';
import { type ExplanationView, renderExplanation } from './render-explanation.ts';

/** More is no certificate, and would not go into the URL of a question to a proxy. */
const maxCertificateBytes = 16_384;

export interface RequestLine {
  readonly method: string;
  readonly url: string;
}

export async function explain(line: RequestLine, flags: ExplainFlags): Promise<number> {
  const client = await clientOf(flags);
  const asked = readAskedRequest({ ...line, headers: flags.header ?? [], ...client });
  if (!asked.ok) throw usageError(asked.error);
  if (flags.admin !== undefined) {
    const query = { ...line, header: flags.header ?? [], ...clientQuery(client) };
    const answer = await new AdminConnection({ admin: flags.admin }).client.explain(query);
    return show(answer, flags, renderExplanation);
  }
  const config = await loadExplainedConfig(flags);
  if (config === null) return exitCode.failure;
  return show(explainRequest(config, asked.value), flags, renderExplanation);
}

/** `to`: `host:port`. */
export async function explainTcp(to: string, flags: ExplainFlags): Promise<number> {
  const client = await clientOf(flags);
  const asked = readAskedConnection({ to, ...client });
  if (!asked.ok) throw usageError(asked.error);
  if (flags.admin !== undefined) {
    const query = { to, ...clientQuery(client) };
    const answer = await new AdminConnection({ admin: flags.admin }).client.explainConnection(
      query,
    );
    return show(answer, flags, renderConnection);
  }
  const explained = await explainByFiles(asked.value, flags);
  return explained === null ? exitCode.failure : show(explained, flags, renderConnection);
}

/** null: the rules are refused, and what is wrong has been said. */
async function explainByFiles(
  asked: AskedConnection,
  flags: ExplainFlags,
): Promise<Result<ConnectionExplanation, string> | null> {
  const config = await loadExplainedConfig(flags);
  if (config === null) return null;
  const explained = explainConnection(config, asked);
  if (explained.ok || flags.listener !== undefined) return explained;
  if (asked.side.kind === 'any') return err(`${explained.error}; from the mesh: --mesh`);
  if (asked.side.kind === 'gateway') return explained;
  // A sidecar has a listener for each port of a service; here the user says which there are.
  const outbound = meshListenerFor(asked);
  say(`no listener of the mesh takes it; explained as if there were --outbound ${outbound}`);
  const sidecar = await loadExplainedConfig(flags, outbound);
  return sidecar === null ? null : explainConnection(sidecar, asked);
}

function meshListenerFor({ host, port }: AskedConnection): string {
  const address = isIP(host) === 0 ? '127.0.0.1' : host;
  return `${isIP(address) === 6 ? `[${address}]` : address}:15001=${port}`;
}

async function clientOf(flags: ExplainFlags): Promise<ClientText> {
  const certificate = await readClientCertificate(flags.clientCert);
  if (!certificate.ok) throw usageError(certificate.error);
  return {
    listener: flags.listener ?? null,
    side: sideOf(flags),
    serverName: flags.sni ?? null,
    clientAddress: flags.client ?? null,
    certificate: certificate.value,
  };
}

/** false: `--no-client-cert`. */
async function readClientCertificate(
  path: string | false | undefined,
): Promise<Result<string | null, string>> {
  if (path === undefined) return ok(null);
  if (path === false) return ok('none');
  const read = await readSmallFile(path, maxCertificateBytes);
  if (!read.ok) return err(`--client-cert ${path}: ${read.error.message}`);
  // A file with nothing in it is no certificate either.
  return ok(read.value.bytes.toString('latin1'));
}

function clientQuery({ side, listener, serverName, clientAddress, certificate }: ClientText) {
  return {
    listener: listener ?? undefined,
    side: side === undefined || side.kind === 'any' ? undefined : side.kind,
    gateway: (side?.kind === 'gateway' ? side.name : null) ?? undefined,
    sni: serverName ?? undefined,
    client: clientAddress ?? undefined,
    certificate: certificate ?? undefined,
  };
}

function show<T>(
  explained: Result<T, string>,
  flags: ExplainFlags,
  render: (explanation: T, view: ExplanationView) => string,
): number {
  if (!explained.ok) return fail(explained.error);
  const view = { color: usesColor(), isLive: flags.admin !== undefined };
  const json = (): string => `${JSON.stringify(explained.value, null, 2)}\n`;
  process.stdout.write(flags.output === 'json' ? json() : render(explained.value, view));
  return exitCode.ok;
}
