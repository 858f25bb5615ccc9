/**
 * Lines of the access log against lines recorded from Istio and Envoy. Each recorded line is turned
 * into the StreamInfo that it speaks of; what is tested is names, types, order and unset values.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { HeaderList } from '../../src/http1/header-list.ts';
import type { FileAccessLog } from '../../src/model/access-log-settings.ts';
import { compileLineFormat } from '../../src/telemetry/access-log/access-log-format.ts';
import { responseFlagNames } from '../../src/telemetry/response-flags.ts';
import { StreamInfo } from '../../src/telemetry/stream-info.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { testCluster, testListener } from '../telemetry/stream-info-fixture.ts';

const folder = dataSet('istio-envoy-2');
const skip = folder === null ? missingData('istio-envoy-2') : false;

type JsonLine = Readonly<Record<string, string | number | null>>;

interface Scenario {
  readonly name: string;
  readonly mesh?: string;
  readonly requests: readonly { readonly outcome: { readonly access_log?: readonly unknown[] } }[];
}

function scenario(name: string): { mesh: string; lines: readonly unknown[] } {
  const path = join(folder ?? '', 'access-log.json');
  const all = JSON.parse(readFileSync(path, 'utf8')) as { scenarios: readonly Scenario[] };
  const found = all.scenarios.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  const lines = found.requests.flatMap((request) => request.outcome.access_log ?? []);
  return { mesh: found.mesh ?? '', lines };
}

/** Placeholders for what differs from run to run become real values. */
function fill(value: string | number | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return String(value)
    .replace(/\$\{(?:port|listen):[^}]*\}/g, '8080')
    .replaceAll('<ephemeral>', '40000')
    .replace('<uuid>', '4682c01b-23fb-4ad1-8c95-91d7fb8ebbff');
}

/** Of two flags with one name the first is meant: these are requests, the other is of connections. */
function flagBits(text: string | number | null | undefined): number {
  let bits = 0;
  for (const name of String(text ?? '-').split(',')) {
    bits |= responseFlagNames.find(([, short]) => short === name)?.[0] ?? 0;
  }
  return bits;
}

/** `read` finds a value by the operator that it was logged with. */
function streamInfoOf(read: (operator: string) => string | number | null | undefined): StreamInfo {
  const info = new StreamInfo(testListener(), 1000, Date.UTC(2026, 10, 21));
  const textOf = (operator: string): string | null => fill(read(operator));
  info.method = textOf('%REQ(:METHOD)%') ?? '';
  info.originalPath = textOf('%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%');
  info.path = textOf('%REQ(:PATH)%') ?? info.originalPath ?? '';
  info.authority = textOf('%REQ(:AUTHORITY)%') ?? '';
  info.scheme = textOf('%REQ(:SCHEME)%') === 'https' ? 'https' : 'http';
  info.protocol = textOf('%PROTOCOL%') as 'HTTP/1.1';
  info.status = Number(read('%RESPONSE_CODE%'));
  info.responseFlags = flagBits(read('%RESPONSE_FLAGS%'));
  info.details = textOf('%RESPONSE_CODE_DETAILS%') ?? '';
  info.upstreamTransportFailure = textOf('%UPSTREAM_TRANSPORT_FAILURE_REASON%');
  info.bytesReceived = Number(read('%BYTES_RECEIVED%'));
  info.bytesSent = Number(read('%BYTES_SENT%'));
  info.routeName = textOf('%ROUTE_NAME%') ?? '';
  const cluster = textOf('%UPSTREAM_CLUSTER_RAW%');
  info.cluster = cluster === null ? null : { ...testCluster(), name: cluster };
  info.upstreamAddress = textOf('%UPSTREAM_HOST%');
  info.upstreamLocalAddress = textOf('%UPSTREAM_LOCAL_ADDRESS%');
  info.upstreamProtocol = textOf('%UPSTREAM_PROTOCOL%') === 'HTTP/2' ? 'HTTP/2' : 'HTTP/1.1';
  info.attempts = Number(read('%UPSTREAM_REQUEST_ATTEMPT_COUNT%') ?? 0);
  info.downstreamLocalAddress = textOf('%DOWNSTREAM_LOCAL_ADDRESS%') ?? '';
  info.downstreamRemoteAddress = textOf('%DOWNSTREAM_REMOTE_ADDRESS%') ?? '';
  info.requestedServerName = textOf('%REQUESTED_SERVER_NAME%');
  info.requestId = textOf('%REQ(X-REQUEST-ID)%');
  const grpc = read('%GRPC_STATUS_NUMBER%');
  info.grpcStatus = typeof grpc === 'number' ? grpc : null;
  info.requestHeaders = headerList({
    'user-agent': textOf('%REQ(USER-AGENT)%'),
    'x-forwarded-for': textOf('%REQ(X-FORWARDED-FOR)%'),
  });
  info.responseHeaders = headerList({
    'x-backend': textOf('%RESP(X-BACKEND)%'),
    server: textOf('%RESP(SERVER)%'),
  });
  info.responseTrailers = headerList({ 'grpc-status': textOf('%TRAILER(GRPC-STATUS)%') });
  setTimes(info, read);
  return info;
}

function headerList(values: Readonly<Record<string, string | null>>): HeaderList {
  const headers = new HeaderList();
  for (const [name, value] of Object.entries(values))
    if (value !== null) headers.append(name, value);
  return headers;
}

function setTimes(info: StreamInfo, read: (operator: string) => unknown): void {
  const known = (operator: string): boolean => (read(operator) ?? null) !== null;
  if (known('%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%')) info.upstreamServiceMs = 3;
  if (known('%REQUEST_DURATION%')) info.requestEndAt = 1001;
  if (known('%RESPONSE_DURATION%')) info.upstreamHeadAt = 1003;
  if (known('%RESPONSE_TX_DURATION%')) info.responseEndAt = 1004;
  info.endedAt = 1004;
}

/** Recorded values are compared as they are, times and counts only by their kind. */
function assertSameLine(t: Test, actual: JsonLine, recorded: JsonLine, name: string): void {
  const seen: Record<string, unknown> = {};
  const wanted: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(recorded)) {
    const masked = value === '<n>' || value === '<time>';
    const isPort = key.endsWith('_port');
    wanted[key] = masked ? 'known' : value === null ? null : isPort ? 8080 : refill(value);
    seen[key] = masked ? (actual[key] === null ? null : 'known') : actual[key];
  }
  t.same(seen, wanted, name);
  t.same(Object.keys(actual), Object.keys(recorded), `${name}: the same members in the same order`);
}

function refill(value: string | number): string | number {
  return typeof value === 'number' ? value : (fill(value) as string);
}

function render(settings: Pick<FileAccessLog, 'encoding' | 'format'>, info: StreamInfo): string {
  const format = compileLineFormat(settings);
  if (!format.ok) throw new Error(format.error.message);
  return format.value.format(info);
}

t.test("Istio's default JSON line", { skip }, (t) => {
  const keyOf: Readonly<Record<string, string>> = {
    '%REQ(:METHOD)%': 'method',
    '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%': 'path',
    '%REQ(:AUTHORITY)%': 'authority',
    '%PROTOCOL%': 'protocol',
    '%RESPONSE_CODE%': 'response_code',
    '%RESPONSE_FLAGS%': 'response_flags',
    '%RESPONSE_CODE_DETAILS%': 'response_code_details',
    '%CONNECTION_TERMINATION_DETAILS%': 'connection_termination_details',
    '%UPSTREAM_TRANSPORT_FAILURE_REASON%': 'upstream_transport_failure_reason',
    '%BYTES_RECEIVED%': 'bytes_received',
    '%BYTES_SENT%': 'bytes_sent',
    '%ROUTE_NAME%': 'route_name',
    '%UPSTREAM_CLUSTER_RAW%': 'upstream_cluster',
    '%UPSTREAM_HOST%': 'upstream_host',
    '%UPSTREAM_LOCAL_ADDRESS%': 'upstream_local_address',
    '%DOWNSTREAM_LOCAL_ADDRESS%': 'downstream_local_address',
    '%DOWNSTREAM_REMOTE_ADDRESS%': 'downstream_remote_address',
    '%REQUESTED_SERVER_NAME%': 'requested_server_name',
    '%REQ(X-REQUEST-ID)%': 'request_id',
    '%REQ(USER-AGENT)%': 'user_agent',
    '%REQ(X-FORWARDED-FOR)%': 'x_forwarded_for',
    '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%': 'upstream_service_time',
  };
  const lines = scenario('al-json-default-sidecar').lines as readonly JsonLine[];
  lines.forEach((recorded, index) => {
    const info = streamInfoOf((operator) => recorded[keyOf[operator] ?? '']);
    const line = render({ encoding: 'json', format: null }, info);
    t.equal(line.at(-1), '\n');
    assertSameLine(t, JSON.parse(line) as JsonLine, recorded, `line ${index}`);
  });
  t.ok(lines.length >= 20, `${lines.length} lines`);
  t.end();
});

/** TLS and stream ids of HTTP/2 come with those protocols. */
const notYet = /^(tls_|peer_)/;

t.test('a JSON format of the user with every operator', { skip }, (t) => {
  const { mesh, lines } = scenario('al-operators-gateway');
  const text = /accessLogFormat: '(.*)'/.exec(mesh)?.[1] ?? '';
  const format = JSON.parse(text) as Record<string, string>;
  const keyOf = new Map(Object.entries(format).map(([key, operator]) => [operator, key]));
  let compared = 0;
  (lines as readonly JsonLine[]).forEach((recorded, index) => {
    const info = streamInfoOf((operator) => recorded[keyOf.get(operator) ?? '']);
    const line = render({ encoding: 'json', format: text }, info);
    const actual = JSON.parse(line) as JsonLine;
    const wanted = Object.entries(recorded).filter(([key]) => !notYet.test(key));
    const seen = Object.entries(actual).filter(([key]) => !notYet.test(key));
    assertSameLine(t, Object.fromEntries(seen), Object.fromEntries(wanted), `line ${index}`);
    compared++;
  });
  t.ok(compared >= 25, `${compared} lines`);
  t.end();
});

t.test("Istio's default text line", { skip }, (t) => {
  const lines = scenario('al-telemetry-provider').lines as readonly string[];
  for (const recorded of lines) {
    const pattern =
      /^\[<time>\] "(\S+) (\S+) (\S+)" (\d+) (\S+) (\S+) (\S+) "(.*?)" (\d+) (\d+) <ms> (\S+) "(.*?)" "(.*?)" "(.*?)" "(.*?)" "(.*?)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)$/;
    const fields = pattern.exec(recorded)?.slice(1) ?? [];
    const operators = [
      ...['%REQ(:METHOD)%', '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%', '%PROTOCOL%'],
      ...['%RESPONSE_CODE%', '%RESPONSE_FLAGS%', '%RESPONSE_CODE_DETAILS%'],
      ...['%CONNECTION_TERMINATION_DETAILS%', '%UPSTREAM_TRANSPORT_FAILURE_REASON%'],
      ...['%BYTES_RECEIVED%', '%BYTES_SENT%', '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%'],
      ...['%REQ(X-FORWARDED-FOR)%', '%REQ(USER-AGENT)%', '%REQ(X-REQUEST-ID)%'],
      ...['%REQ(:AUTHORITY)%', '%UPSTREAM_HOST%', '%UPSTREAM_CLUSTER_RAW%'],
      ...['%UPSTREAM_LOCAL_ADDRESS%', '%DOWNSTREAM_LOCAL_ADDRESS%'],
      ...['%DOWNSTREAM_REMOTE_ADDRESS%', '%REQUESTED_SERVER_NAME%', '%ROUTE_NAME%'],
    ];
    const info = streamInfoOf((operator) => {
      const value = fields[operators.indexOf(operator)];
      return value === '-' ? null : value;
    });
    const line = render({ encoding: 'text', format: null }, info);
    const wanted = (fill(recorded) ?? '')
      .replace('<time>', '2026-11-21T00:00:00.000Z')
      .replace('<ms>', '4')
      .replace('<ms>', '3');
    t.equal(line, `${wanted}\n`);
  }
  t.ok(lines.length >= 4);
  t.end();
});
