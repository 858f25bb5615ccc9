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
  'chunked_in_http_1_0 51': [400, 'HTTP/1.0 has no transfer codings (RFC 9112, 6.1)'],
  'large_chunked http-1.0-chunk': [426, 'HTTP/1.0 is refused as Envoy refuses it'],
  'post-no-cl post-no-cl': [200, 'a POST without a length has an empty body (RFC 9112, 6.3)'],
  'malformed_host_port malformed-host': [200, 'any authority of allowed characters, as in Envoy'],
  'oversized_field oversized-field': [431, 'the status of RFC 6585 for it'],
};

/** Transactions that are about a cache. */
const cached = new Set(['encoded_path_again', 'unencoded_path_again', 'http-1.1-chunk-1']);

const folder = dataSet('ats-replay');
const skip = folder === null ? missingData('ats-replay') : false;

t.setTimeout(120_000);

t.test('ats-replay', { skip }, async (t) => {
  const rig = await startRig();
  t.teardown(() => rig.stop());
  for (const path of listFiles(folder ?? '')) {
    const reason = outOfScope.find(([pattern]) => pattern.test(path))?.[1];
    if (reason !== undefined) {
      t.pass(path, { skip: `out of scope: ${reason}` });
      continue;
    }
    await t.test(path, async (t) => {
      for (const session of readSessions(readFileSync(join(folder ?? '', path), 'utf8'))) {
        if (session.protocol === 'http')
          await playSession(t, path, { rig, transactions: session.transactions });
        else t.pass('a session', { skip: `out of scope: over ${session.protocol}` });
      }
    });
  }
});

interface Rig {
  readonly origin: ScriptedOrigin;
  readonly port: number;
  /** The transactions that the origin plays now, by uuid. */
  readonly playing: Map<string, Transaction>;
  stop(): Promise<void>;
}

async function startRig(): Promise<Rig> {
  const playing = new Map<string, Transaction>();
  const origin = await scriptedOrigin((request, { socket }) => {
    const transaction = playing.get(headerValue(request.headers, 'uuid') ?? '');
    const answer = responseBytes(transaction?.response ?? null);
    if (answer.closes) socket.end(answer.bytes, 'latin1');
    return answer.closes ? null : answer.bytes;
  });
  const edge = await startEdgeProxy({ originPort: origin.port });
  const stop = async (): Promise<void> => {
    await edge.stop();
    await origin.stop();
  };
  return { origin, port: edge.port, playing, stop };
}

async function playSession(
  t: Test,
  path: string,
  { rig, transactions }: { readonly rig: Rig; readonly transactions: readonly Transaction[] },
): Promise<void> {
  const { origin, port, playing } = rig;
  const file = path.replace(/^.*\/|\.replay\.yaml$|\.yaml$/g, '');
  playing.clear();
  for (const transaction of transactions) playing.set(idOf(transaction.request), transaction);
  origin.forget();
  for (const transaction of transactions) {
    const id = idOf(transaction.request);
    if (cached.has(id)) {
      t.pass(id, { skip: 'out of scope: answered from a cache' });
      continue;
    }
    const other = otherStatus[`${file} ${id}`];
    const wanted = other?.[0] ?? transaction.proxyResponse?.status ?? 0;
    const response = await send(port, transaction.request);
    const name = other === undefined ? id : `${id} (${other[1]})`;
    checkResponse(t, name, { transaction, response, wanted });
    checkRequest(t, name, { transaction, origin, status: wanted });
  }
}

/** The response, or null where the connection ended without one. */
async function send(port: number, request: Message): Promise<RawResponse | null> {
  const connection = await RawConnection.connect({ port });
  try {
    connection.write(requestBytes(request));
    return await connection.readResponse({ method: request.method ?? 'GET', timeoutMs: 1000 });
  } catch (error) {
    // No response is an outcome, too: of an abort, or of a body that is announced and never comes.
    if (error instanceof RawClientError) return null;
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
  if (isMalformed(transaction)) {
    const whole = response !== null && response.status < 400 && !response.truncated;
    t.notOk(whole, `${name}: refused or cut off`, { status: response?.status });
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
  /** What the client must get. */
  readonly status: number;
}

function checkRequest(t: Test, name: string, check: RequestCheck): void {
  const { transaction, origin } = check;
  const id = idOf(transaction.request);
  const got = origin.requests.filter(({ headers }) => headerValue(headers, 'uuid') === id);
  // A bad gateway is about what the origin answered.
  const originAnswered = check.status === 502 || (transaction.response?.status ?? 0) >= 400;
  if ((check.status >= 400 && !originAnswered) || isMalformedRequest(transaction)) {
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

function isMalformedRequest(transaction: Transaction): boolean {
  const { headers } = transaction.request;
  return isMalformed(transaction) && headerValue(headers, 'transfer-encoding') !== null;
}

function idOf(request: Message): string {
  return headerValue(request.headers, 'uuid') ?? '';
}

function listFiles(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}
