/** Where and how requests are logged where no Telemetry resource says it. */

import type { FileAccessLog } from '../../model/access-log-settings.ts';
import type { AccessLogDefaults } from '../proxy-settings.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import type { ProxyFlags } from './proxy-flags.ts';

export function mergeAccessLog(flags: ProxyFlags, spec: BootstrapSpec): AccessLogDefaults {
  const { accessLogFile } = spec.meshConfig ?? {};
  const ownPath = flags.accessLog ?? spec.accessLog?.path;
  const ownFormat = flags.accessLogFormat ?? spec.accessLog?.format;
  const path = ownPath ?? accessLogFile ?? '-';
  const isOwn = ownPath !== undefined || ownFormat !== undefined;
  const format = mergeFormat(ownFormat, spec);
  return {
    source: isOwn ? 'own' : accessLogFile === undefined ? 'default' : 'mesh',
    // MeshConfig writes an empty path for no log.
    file: path === 'off' || path === '' ? null : { kind: 'file', path, filter: null, ...format },
    format,
  };
}

function mergeFormat(
  own: string | undefined,
  { meshConfig: mesh = {} }: BootstrapSpec,
): Pick<FileAccessLog, 'encoding' | 'format'> {
  if (own === 'json' || own === 'text') return { encoding: own, format: null };
  if (own !== undefined) return { encoding: 'text', format: own };
  const encoding = mesh.accessLogEncoding === 'JSON' ? 'json' : 'text';
  // An empty format is none, as everywhere in protobuf.
  return { encoding, format: mesh.accessLogFormat || null };
}
