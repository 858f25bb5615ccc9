/** What one line of the access log looks like: Istio's defaults, or a format of the user. */

import { err, ok, type Result } from '../../base/result.ts';
import type { FileAccessLog } from '../../model/access-log-settings.ts';
import { compileFormat } from '../format/format.ts';
import type { FormatError } from '../format/format-syntax.ts';
import type { StreamInfo } from '../stream-info.ts';
import { JsonLine } from './json-line.ts';

/**
 * Renders one exchange as one line with its newline, as wire text. Text lines hold the bytes of
 * headers as they came; JSON is always UTF-8.
 */
export interface LineFormat {
  format(info: StreamInfo): string;
}

/** Istio pilot/pkg/model EnvoyTextLogFormat. */
const defaultTextFormat =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" ' +
  '%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% ' +
  '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% ' +
  '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" ' +
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% ' +
  '%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% ' +
  '%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n';

/** Istio pilot/pkg/model EnvoyJSONLogFormatIstio. */
const defaultJsonFormat: Readonly<Record<string, string>> = {
  authority: '%REQ(:AUTHORITY)%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  duration: '%DURATION%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  request_id: '%REQ(X-REQUEST-ID)%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  response_code: '%RESPONSE_CODE%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  response_flags: '%RESPONSE_FLAGS%',
  route_name: '%ROUTE_NAME%',
  start_time: '%START_TIME%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  user_agent: '%REQ(USER-AGENT)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
};

export function compileLineFormat(
  settings: Pick<FileAccessLog, 'encoding' | 'format'>,
): Result<LineFormat, FormatError> {
  return settings.encoding === 'text'
    ? compileTextLine(settings.format ?? defaultTextFormat)
    : compileJsonLine(settings.format);
}

/** Istio ends a format that has no newline with one. */
function compileTextLine(format: string): Result<LineFormat, FormatError> {
  return compileFormat(format.endsWith('\n') ? format : `${format}\n`, 'access-log');
}

function compileJsonLine(text: string | null): Result<LineFormat, FormatError> {
  const format = text === null ? ok(defaultJsonFormat) : parseJson(text);
  return format.ok ? JsonLine.compile(format.value) : format;
}

function parseJson(text: string): Result<unknown, FormatError> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok(value);
    return err({ message: 'a JSON format must be an object', offset: 0 });
  } catch (cause) {
    return err({ message: `the format is no JSON: ${(cause as Error).message}`, offset: 0 });
  }
}
