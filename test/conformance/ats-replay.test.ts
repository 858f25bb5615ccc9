/**
 * Transactions of Apache Traffic Server's replay tests: what a client sends, what the proxy must
 * send on, and what must come back. Rows about caching, remapping, TLS, HTTP/2 and other features
 * of that server are out of scope; each says why.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { headerValue, headerValues } from '../support/http-reader.ts';
import { RawClientError, RawConnection, type RawResponse } from '../support/raw-client.ts';
import { methodAndPath, type ScriptedOrigin, scriptedOrigin } from '../support/scripted-origin.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import {
  type HeaderRule,
  type Message,
  readSessions,
  requestBytes,
  responseBytes,
  type Transaction,
} from './ats-transactions.ts';

const outOfScope: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^h2\/|h2|http2|quic/, 'HTTP/2 or HTTP/3'],
  [/^connect\//, 'CONNECT proxying'],
  [/^proxy_protocol\//, 'PROXY protocol'],
  [/https|exempt_|no_localhost/, 'TLS, or settings without transactions'],
  [/^redirect\//, 'following redirects itself'],
  [/cache|range|normalized_ae|accept_webp|hsts|blacklist/, 'caching and plugins'],
  [/^timeout\/|^client_connection\/|^origin_connection\//, 'timers and limits of that server'],
  [/^post\/(expect|post)-continue/, 'half a transaction: the client is a script'],
  [/chunk_extension_quoted|chunk_trailer_bare_lf/, 'half a transaction: the client is a script'],
];

/** Where the right answer of this proxy is another one. */
const otherStatus: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  'chunked_in_http_1_0 51': [426, 'HTTP/1.0 is refused as Envoy refuses it'],
  'large_chunked http-1.0-chunk': [426, 'HTTP/1.0 is refused as Envoy refuses it'],
  'post-no-cl post-no-cl': [200, 'a POST without a length has an empty body (RFC 9112, 6.3)'],
  'oversized_field oversized-field': [431, 'the status of RFC 6585 for it'],
};

const folder = dataSet('ats-replay');
const skip = folder === null ? missingData('ats-replay') : false;

t.test('ats-replay', { skip }, async (t) => {
  for (const path of listFiles(folder ?? '')) {
    const reason = outOfScope.find(([pattern]) => pattern.test(path))?.[1];
    if (reason !== undefined) {
      t.pass(path, { skip: `out of scope: ${reason}` });
      continue;
    }
    await t.test(path, async (t) => {
      for (const session of readSessions(readFileSync(join(folder ?? '', path), 'utf8'))) {
        if (session.protocol === 'http') await playSession(t, path, session.transactions);
        else t.pass('a session', { skip: `out of scope: over ${session.protocol}` });
      }
    });
  }
});

async function playSession(
  t: Test,
  path: string,
  transactions: readonly Transaction[],
): Promise<void> {
  const byId = new Map(transactions.map((transaction) => [idOf(transaction.request), transaction]));
  const origin = await scriptedOrigin((request, { socket }) => {
    const transaction = byId.get(headerValue(request.headers, 'uuid') ?? '');
    const answer = responseBytes(transaction?.response ?? null);
    if (answer.closes) socket.end(answer.bytes, 'latin1');
    return answer.closes ? null : answer.bytes;
  });
  const edge = await startEdgeProxy({ originPort: origin.port });
  const file = path.replace(/^.*\/|\.replay\.yaml$|\.yaml$/g, '');
  try {
    for (const transaction of transactions) {
      const id = idOf(transaction.request);
      const other = otherStatus[`${file} ${id}`];
      const wanted = other?.[0] ?? transaction.proxyResponse?.status ?? 0;
      const response = await send(edge.port, transaction.request);
      const name = other === undefined ? id : `${id} (${other[1]})`;
      checkResponse(t, name, { transaction, response, wanted });
      checkRequest(t, name, { transaction, origin, refused: wanted >= 400 });
    }
  } finally {
    await edge.stop();
    await origin.stop();
  }
}

/** The response, or null where the connection ended without one. */
async function send(port: number, request: Message): Promise<RawResponse | null> {
  const connection = await RawConnection.connect({ port });
  try {
    connection.write(requestBytes(request));
    return await connection.readResponse({ method: request.method ?? 'GET', timeoutMs: 3000 });
  } catch (error) {
    if (error instanceof RawClientError && error.code !== 'client-timeout') return null;
    throw error;
  } finally {
    connection.destroy();
  }
}

interface ResponseCheck {
  readonly transaction: Transaction;
  readonly response: RawResponse | null;
  /** 0: the recording names none. */
  readonly wanted: number;
}

function checkResponse(t: Test, name: string, check: ResponseCheck): void {
  const { transaction, response, wanted } = check;
  const malformed = isMalformed(transaction);
  if (malformed) {
    t.ok(response === null || response.status >= 400, `${name}: refused`, {
      status: response?.status,
    });
    return;
  }
  const status = wanted === 0 ? (transaction.response?.status ?? 200) : wanted;
  t.equal(response?.status, status, `${name}: status`);
  if (response === null || response.status !== transaction.proxyResponse?.status) return;
  for (const rule of transaction.proxyResponse.rules) {
    // Chunked to an HTTP/1.1 client is as good as a length: only the other server re-frames it.
    if (rule.name.toLowerCase() === 'transfer-encoding' && rule.as === 'absent') continue;
    checkRule(t, `${name}: response`, { rule, values: headerValues(response.headers, rule.name) });
  }
  const { size } = transaction.proxyResponse;
  if (size !== null) t.equal(response.body.length, size, `${name}: size of the body`);
}

interface RequestCheck {
  readonly transaction: Transaction;
  readonly origin: ScriptedOrigin;
  readonly refused: boolean;
}

function checkRequest(t: Test, name: string, check: RequestCheck): void {
  const { transaction, origin } = check;
  const id = idOf(transaction.request);
  const got = origin.requests.filter(({ headers }) => headerValue(headers, 'uuid') === id);
  const originAnswers = (transaction.response?.status ?? 0) >= 400;
  if ((check.refused && !originAnswers) || isMalformed(transaction)) {
    t.equal(got.length, 0, `${name}: nothing reaches the origin`);
    return;
  }
  t.equal(got.length, 1, `${name}: reaches the origin once`);
  const [request] = got;
  if (request === undefined) return;
  const method = methodAndPath(request).split(' ')[0];
  t.equal(method, transaction.request.method, `${name}: method`);
  for (const rule of transaction.proxyRequest?.rules ?? []) {
    checkRule(t, `${name}: request`, { rule, values: headerValues(request.headers, rule.name) });
  }
}

function checkRule(
  t: Test,
  name: string,
  { rule, values }: { readonly rule: HeaderRule; readonly values: readonly string[] },
): void {
  const what = `${name} ${rule.name} ${rule.as} ${rule.value}`;
  if (rule.as === 'absent') t.same(values, [], what);
  else if (rule.as === 'present') t.ok(values.length > 0, what);
  else if (rule.as === 'contains') t.ok(values.join().includes(rule.value), what, { values });
  else t.same(values, [rule.value], what);
}

/** The file is about bytes that no origin may see, and has no proxy response to go by. */
function isMalformed({ request, proxyResponse }: Transaction): boolean {
  return /malformed\/chunk|large\/chunk\/size/.test(request.url) && proxyResponse === null;
}

function idOf(request: Message): string {
  return headerValue(request.headers, 'uuid') ?? '';
}

function listFiles(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}
