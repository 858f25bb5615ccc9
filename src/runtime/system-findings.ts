/** What the system refused when a configuration was applied, as findings beside those of the files. */

import type { FileField } from '../config/file-fields.ts';
import type { Finding } from '../config/finding.ts';
import { findingCode } from '../config/finding-code.ts';
import type { Origin } from '../model/origin.ts';
import type { ActiveListener } from '../proxy/listener/active-listener.ts';
import type { BindFailure } from './listener-set.ts';

const elsewhere = { file: '', line: 0, column: 0, path: '', resource: '' } as const;

/** One listener keeps its old address, or is missing; the others serve. */
export function cannotListen({ listener, error }: BindFailure): Finding {
  const address = `${listener.address}:${listener.port}`;
  return {
    code: findingCode.cannotListen,
    severity: 'error',
    message: `listener ${listener.name} cannot listen on ${address}: ${error.code}`,
    hint: 'free the address and send SIGHUP, or choose another one',
    ...placeOf(listener.origin),
  };
}

interface SecretUse {
  /** Of what names the files; null if nothing does any more. */
  readonly origin: Origin | null;
  /** That names the file at fault, where it is known. */
  readonly field?: FileField | null;
  /** The last good version is used. */
  readonly keeps: boolean;
  /** The local authority signs certificates in its place. */
  readonly hasSubstitute: boolean;
}

/** Connections of whatever names the files are refused, unless there is an older version. */
export function secretRefused(problem: string, use: SecretUse): Finding {
  const { origin, field = null, keeps, hasSubstitute } = use;
  return {
    ...(origin === null ? elsewhere : placeOf(origin)),
    ...(field === null ? {} : fieldPlace(field)),
    code: findingCode.secretFiles,
    severity: hasSubstitute && !keeps ? 'info' : 'error',
    message: `a certificate cannot be used: ${problem}`,
    hint: `${consequenceOf(use)}; the files are looked at every 5 seconds`,
  };
}

function fieldPlace({ file, line, column, path }: FileField) {
  return { file, line, column, path };
}

function consequenceOf({ keeps, hasSubstitute }: SecretUse): string {
  if (keeps) return 'its last good version is used';
  return hasSubstitute
    ? 'the local authority signs certificates in its place'
    : 'connections that need it are refused';
}

/** OpenSSL takes a certificate, a key or a cipher amiss that looked right. */
export function tlsFindings(listeners: readonly ActiveListener[]): Finding[] {
  return listeners.flatMap(({ filterChains }) =>
    filterChains.flatMap(({ model, tls }) => {
      const problem = tls?.prepare() ?? null;
      return problem === null ? [] : [tlsRefused(problem, model.origin)];
    }),
  );
}

function tlsRefused(problem: string, origin: Origin): Finding {
  return {
    code: findingCode.tlsRefused,
    severity: 'error',
    message: `TLS cannot be set up: OpenSSL says ${problem}`,
    hint: 'connections to it are reset; look at its key, its certificate chain and its cipherSuites',
    ...placeOf(origin),
  };
}

function placeOf({ kind, namespace, name, file, line }: Origin) {
  return {
    file,
    line,
    column: line === 0 ? 0 : 1,
    path: '',
    resource: kind === '' ? '' : `${kind} ${namespace}/${name}`,
  };
}

/** The field that names the file of an access log which the system refuses; null: none does. */
export function accessLogField(problem: string, fields: readonly FileField[]): FileField | null {
  return fields.find(({ value }) => problem.includes(`access log ${value}: `)) ?? null;
}

/** Of what sends traces, too. `field` names the file at fault, where one does. */
export function accessLogRefused(
  message: string,
  field: FileField | null,
  hint = 'what is told, and where, stays as it was before',
): Finding {
  const place = field === null ? elsewhere : { ...fieldPlace(field), resource: field.resource };
  return { ...place, code: findingCode.accessLog, severity: 'error', message, hint };
}
