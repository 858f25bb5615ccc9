/** What `sluice explain` does: by files, which it compiles and opens nothing for, or a proxy. */

import { err, ok, type Result } from '../base/result.ts';
import { readSmallFile } from '../base/small-file.ts';
import type { ClientText } from '../explain/asked-client.ts';
import { readAskedConnection } from '../explain/asked-connection.ts';
import { readAskedRequest } from '../explain/asked-request.ts';
import { explainConnection } from '../explain/explain-connection.ts';
import { explainRequest } from '../explain/explain-request.ts';
import { AdminConnection } from './admin-connection.ts';
import { usesColor } from './color.ts';
import { exitCode } from './exit-code.ts';
import { loadExplainedConfig } from './explain-config.ts';
import { type ExplainFlags, sideOf, usageError } from './explain-flags.ts';
import { renderConnection } from './render-connection.ts';
import { type ExplanationView, renderExplanation } from './render-explanation.ts';
import { fail } from './say.ts';

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
  const config = await loadExplainedConfig(flags);
  if (config === null) return exitCode.failure;
  return show(explainConnection(config, asked.value), flags, renderConnection);
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
