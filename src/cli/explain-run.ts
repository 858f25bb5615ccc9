/** What `sluice explain` does: by files, which it compiles and opens nothing for, or a proxy. */

import { err, ok, type Result } from '../base/result.ts';
import { loadXxHash64 } from '../base/xxhash64.ts';
import { formatFinding } from '../config/finding.ts';
import { type AskedRequest, readAskedRequest } from '../explain/asked-request.ts';
import { compileConfig } from '../explain/compile-config.ts';
import { explainRequest } from '../explain/explain-request.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Mesh } from '../model/mesh.ts';
import { AdminConnection } from './admin-connection.ts';
import { usesColor } from './color.ts';
import { requirePaths } from './config-options.ts';
import { exitCode } from './exit-code.ts';
import { type ExplainFlags, sideOf, usageError } from './explain-flags.ts';
import { renderExplanation } from './render-explanation.ts';
import { fail, say } from './say.ts';

export interface RequestLine {
  readonly method: string;
  readonly url: string;
}

export async function explain(line: RequestLine, flags: ExplainFlags): Promise<number> {
  const asked = readAskedRequest({
    ...line,
    headers: flags.header ?? [],
    listener: flags.listener ?? null,
    side: sideOf(flags),
    serverName: flags.sni ?? null,
    clientAddress: flags.client ?? null,
  });
  if (!asked.ok) throw usageError(asked.error);
  const isLive = flags.admin !== undefined;
  const explained = isLive
    ? await askProxy(line, flags, flags.admin ?? '')
    : await explainByFiles(asked.value, flags);
  if (!explained.ok) return explained.error === null ? exitCode.failure : fail(explained.error);
  process.stdout.write(
    flags.output === 'json'
      ? `${JSON.stringify(explained.value, null, 2)}\n`
      : renderExplanation(explained.value, { color: usesColor(), isLive }),
  );
  return exitCode.ok;
}

/** The error is null where all has been said. */
async function explainByFiles(
  asked: AskedRequest,
  flags: ExplainFlags,
): Promise<Result<Explanation, string | null>> {
  const mesh = await loadMesh(flags);
  if (mesh === null) return err(null);
  return explainRequest(compileConfig(mesh, await loadXxHash64()), asked);
}

/** null: the rules are refused, as a start of the proxy would, and what is wrong has been said. */
async function loadMesh(flags: ExplainFlags): Promise<Mesh | null> {
  const { ConfigStore } = await import('../runtime/config-store.ts');
  const { FileSource } = await import('../sources/file.ts');
  const read = await new FileSource(requirePaths(flags)).read();
  const { workload, namespace, labels, sourceLabels } = flags;
  // Nothing is bound: every port counts as one that can be.
  const store = new ConfigStore({ workload, namespace, labels: sourceLabels ?? labels }, 0);
  const { loaded, findings, flagErrors } = store.load(read.files, read.findings);
  const [wrong] = flagErrors;
  if (wrong !== undefined) {
    const flag =
      wrong.flag === 'labels' && sourceLabels !== undefined ? 'source-labels' : wrong.flag;
    throw usageError(`--${flag}: ${wrong.message}`);
  }
  const errors = [...read.findings, ...findings].filter(({ severity }) => severity === 'error');
  for (const finding of errors) say(formatFinding(finding));
  return errors.length > 0 ? null : (loaded?.mesh ?? null);
}

async function askProxy(
  { method, url }: RequestLine,
  flags: ExplainFlags,
  admin: string,
): Promise<Result<Explanation, string>> {
  const side = sideOf(flags);
  const answer = await new AdminConnection({ admin }).client.explain({
    method,
    url,
    header: flags.header ?? [],
    listener: flags.listener,
    side: side.kind === 'any' ? undefined : side.kind,
    gateway: flags.gateway,
    sni: flags.sni,
    client: flags.client,
  });
  return answer.ok ? ok(answer.value) : answer;
}
