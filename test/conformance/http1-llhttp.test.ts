/** llhttp's own cases: the same messages, or an error where llhttp has one. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { HeaderList } from '../../src/http1/header-list.ts';
import { readRequests, readResponses } from '../http1/codec-probe.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { Http1Suite, type Judgement, pathOf } from './http1-suite.ts';

interface ExpectedMessage {
  readonly method?: string;
  readonly url?: string;
  readonly version?: string;
  readonly statusCode?: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly complete?: boolean;
}

interface LlhttpCase {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly type: string;
  readonly meta: { readonly pause?: string; readonly skipBody?: boolean };
  readonly input_base64: string;
  readonly expect: {
    readonly error: { readonly code: number; readonly reason: string } | null;
    readonly upgrade: boolean;
    readonly messages: readonly ExpectedMessage[];
  };
}

const floor = { inScope: 187, share: 1 };

const folder = dataSet('llhttp-cases');
const skip = folder === null ? missingData('llhttp-cases') : false;

t.test('llhttp', { skip }, async (t) => {
  const file = join(folder ?? '', 'llhttp-cases.json');
  const cases = JSON.parse(readFileSync(file, 'utf8')) as LlhttpCase[];
  const suite = new Http1Suite('llhttp');
  for (const item of cases) {
    if (isInScope(item)) suite.add(`${item.file}:${item.line}`, judge(item));
    else suite.leaveOut();
  }
  t.comment(suite.report());
  t.ok(suite.share >= floor.share, `${suite.share} of the rows pass`);
  t.ok(suite.inScope >= floor.inScope, `${suite.inScope} rows in scope`);
  t.same(suite.unknownRows(), []);
});

/** Strict HTTP/1.1: no lenient flags, no pauses, no other protocols, no HTTP/1.0 requests. */
function isInScope(item: LlhttpCase): boolean {
  if (item.type === 'url') return true;
  if (item.type !== 'request' && item.type !== 'response') return false;
  if (item.meta.pause !== undefined || item.meta.skipBody === true) return false;
  const firstLine = Buffer.from(item.input_base64, 'base64').toString('latin1').trimStart();
  if (/^[^\n]*(?:ICE|RTSP)\/1/.test(firstLine) || /^PRI /.test(firstLine)) return false;
  if (item.type === 'response') return !/^HTTP\/0\.9/.test(firstLine);
  return !/^[^\n]* HTTP\/1\.0/.test(firstLine) && !/^GET \/\r\n/.test(firstLine);
}

function judge(item: LlhttpCase): Judgement {
  const bytes = Buffer.from(item.input_base64, 'base64').toString('latin1');
  if (item.type === 'url') return judgeUrl(item, bytes);
  const transcript = item.type === 'request' ? readRequests([bytes]) : readResponses([bytes]);
  const { error } = transcript;
  const heads = transcript.messages;
  const expected = item.expect.messages;
  if (item.expect.error !== null) return judgeError(item, transcript);
  if (error !== null) return { passed: false, error, why: `refused: ${error.code}` };
  const informational = 'informational' in transcript ? transcript.informational.length : 0;
  const wanted = expected.slice(informational);
  for (const [i, message] of wanted.entries()) {
    const got = heads[i];
    // A head that is cut off is not handed on before it is complete.
    const why = got === undefined ? whyMissing(bytes, message) : difference(message, got);
    if (why !== null) return { passed: false, error, why: `message ${i}: ${why}` };
  }
  const upgrades = heads.some(({ head }) => ('upgrade' in head ? isUpgrade(head) : false));
  const passed = item.type === 'response' || upgrades === item.expect.upgrade;
  return { passed, error, why: 'upgrade differs' };
}

function isUpgrade(head: { readonly upgrade: string | null; readonly method: string }): boolean {
  return head.upgrade !== null || head.method === 'CONNECT';
}

/** As many complete messages as llhttp saw, then an error or nothing more. */
function judgeError(
  item: LlhttpCase,
  transcript: ReturnType<typeof readRequests> | ReturnType<typeof readResponses>,
): Judgement {
  const { error, messages, leftover } = transcript;
  const complete = messages.filter((message) => message.complete).length;
  const expected = item.expect.messages.filter((message) => message.complete).length;
  // "Data after Connection: close": here the proxy never asks for another message.
  const isIgnored = item.expect.error?.code === 5 && leftover !== '' && complete === expected;
  const bytes = Buffer.from(item.input_base64, 'base64').toString('latin1');
  const isHeadCutOff = messages.length === 0 && !bytes.includes('\r\n\r\n');
  const passed = complete <= expected && (error !== null || isIgnored || isHeadCutOff);
  return { passed, error, why: `taken, ${complete} complete` };
}

function judgeUrl(item: LlhttpCase, url: string): Judgement {
  const { error, messages } = readRequests([`GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`]);
  const isRefused = item.expect.error !== null;
  if (isRefused) return { passed: error !== null, error, why: 'taken' };
  const passed = messages[0]?.head.target === pathOf(url);
  return { passed, error, why: `target is ${messages[0]?.head.target}, ${error?.code}` };
}

function whyMissing(bytes: string, message: ExpectedMessage): string | null {
  const isCutOff = message.complete !== true && !bytes.endsWith('\r\n\r\n');
  return isCutOff ? null : 'is missing';
}

function difference(
  expected: ExpectedMessage,
  got: {
    readonly head: { readonly headers: HeaderList; target?: string; method?: string };
    readonly body: string;
    readonly trailers: readonly string[] | null;
    readonly complete: boolean;
  },
): string | null {
  const { head, body, trailers, complete } = got;
  const pairs = expected.headers ?? [];
  const flat = pairs.flatMap(([name, value]) => [name.toLowerCase(), unescapeTabs(value).trim()]);
  const gotFlat = [...head.headers.flat, ...(trailers ?? [])].map(asUtf8);
  if (JSON.stringify(flat) !== JSON.stringify(gotFlat)) return `fields ${gotFlat}`;
  if (expected.url !== undefined && head.target !== pathOf(expected.url)) return 'target';
  if (expected.method !== undefined && head.method !== expected.method) return 'method';
  if ((expected.body ?? '') !== withoutBreaks(body)) return `body ${JSON.stringify(body)}`;
  return expected.complete === true && !complete ? 'is not complete' : null;
}

/** The expectations hold tabs as `\\t`, text as UTF-8, and bodies without their line breaks. */
function unescapeTabs(text: string): string {
  return text.replaceAll('\\t', '\t');
}

function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function withoutBreaks(text: string): string {
  return text.replaceAll(/[\r\n]/g, '');
}
