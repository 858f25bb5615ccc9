/** The cases of Envoy's HTTP/1 codec tests: taken or refused as there, with the same details. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RequestHead } from '../../src/http1/message-head.ts';
import { readRequests, readResponses } from '../http1/codec-probe.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { Http1Suite, type Judgement } from './http1-suite.ts';

interface EnvoyCase {
  readonly test: string;
  readonly side: 'request' | 'response';
  readonly settings: readonly string[];
  readonly segments_base64: readonly string[];
  readonly raw: string;
  readonly result: 'accept' | 'reject';
  readonly error?: string;
  readonly expected_headers?: readonly (readonly [string, string])[];
}

/** Settings that change nothing for a parser that always has them on. */
const usualSettings: ReadonlySet<string> = new Set([
  'allow_absolute_url=true',
  'codec_settings_.allow_absolute_url_ = true',
  'codec_settings_.enable_trailers_ = true',
  'codec_settings_.stream_error_on_invalid_http_message_ = true',
  'codec_settings_.stream_error_on_invalid_http_message_ = false',
]);

/** Rows whose outcome depends on a mode of Envoy's that the data does not carry. */
const otherModes: ReadonlySet<string> = new Set([
  // Optional rule against underscores; Istio does not set it.
  'HeaderNameWithUnderscoreCauseRequestRejected request',
  // Recorded for both of Envoy's parsers at once, which differ in it.
  'FirstLineInvalidCR request',
  'FirstLineInvalidCR response',
]);

const floor = { inScope: 124, share: 1 };

const folder = dataSet('envoy-http1');
const skip = folder === null ? missingData('envoy-http1') : false;

t.test('Envoy codec cases', { skip }, async (t) => {
  const file = join(folder ?? '', 'codec-cases.json');
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: EnvoyCase[] };
  const suite = new Http1Suite('envoy-http1');
  for (const item of cases) {
    const row = `${item.test} ${item.side}`;
    const isUsual = item.settings.every((setting) => usualSettings.has(setting));
    if (isUsual && !otherModes.has(row)) suite.add(row, judge(item));
    else suite.leaveOut();
  }
  t.comment(suite.report());
  t.ok(suite.share >= floor.share, `${suite.share} of the rows pass`);
  t.ok(suite.inScope >= floor.inScope, `${suite.inScope} rows in scope`);
  t.same(suite.unknownRows(), []);
});

function judge(item: EnvoyCase): Judgement {
  const segments = item.segments_base64.map((text) => Buffer.from(text, 'base64'));
  const method = item.test.startsWith('HeadRequest') ? 'HEAD' : 'GET';
  const methods = (item.raw.match(/HTTP\/1/g) ?? ['one']).map(() => method);
  const transcript =
    item.side === 'request' ? readRequests(segments) : readResponses(segments, { methods });
  const { error, messages } = transcript;
  if (item.result === 'reject') {
    const isHandedOn = messages.some((message) => message.complete) && error === null;
    const isCutOff = messages.length === 0 && !item.raw.includes('\r\n\r\n');
    if (item.error?.startsWith('http1.') && item.error !== error?.details) {
      return { passed: false, error, why: `details are ${error?.details}` };
    }
    return { passed: (error !== null || isCutOff) && !isHandedOn, error, why: 'taken' };
  }
  if (error !== null) return { passed: false, error, why: `refused: ${error.code}` };
  const head = messages[0]?.head;
  const why = head !== undefined && 'target' in head ? difference(item, head) : null;
  return { passed: why === null, error, why: why ?? '' };
}

/** Compares Envoy's pseudo headers with the target and the Host line. */
function difference(
  item: EnvoyCase,
  head: Pick<RequestHead, 'method' | 'target' | 'scheme' | 'host'>,
): string | null {
  const got: Readonly<Record<string, string | undefined>> = {
    ':method': head.method,
    ':path': head.target,
    ':authority': head.host,
    ':scheme': head.scheme ?? 'http',
  };
  for (const [name, value] of item.expected_headers ?? []) {
    if (name.startsWith(':') && got[name] !== value) return `${name} is ${got[name]}`;
  }
  return null;
}
