/** What a request filter can ask for: the fields of a record by name, and what kind each has. */

import type { RequestRecord } from './request-record.ts';

export type FilterField =
  | { readonly kind: 'text'; readonly read: (record: RequestRecord) => string }
  /** Each of them is compared; none is one empty text. */
  | { readonly kind: 'list'; readonly read: (record: RequestRecord) => readonly string[] }
  /** null where there is none, which equals nothing. `duration` is in milliseconds. */
  | {
      readonly kind: 'number' | 'bytes' | 'duration';
      readonly read: (record: RequestRecord) => number | null;
    };

type Reader<Value> = (record: RequestRecord) => Value;

const text = (read: Reader<string | null | undefined>): FilterField => ({
  kind: 'text',
  read: (record) => read(record) ?? '',
});
const numeric = (
  kind: 'number' | 'bytes' | 'duration',
  read: Reader<number | null>,
): FilterField => ({ kind, read });

/** Every field of RequestRecord, those of its parts behind a dot. */
const fields: Readonly<Record<string, FilterField>> = {
  id: numeric('number', (record) => record.id),
  startedAt: numeric('number', (record) => record.startedAt),
  durationMs: numeric('duration', (record) => record.durationMs),
  listener: text((record) => record.listener),
  direction: text((record) => record.direction),
  protocol: text((record) => record.protocol),
  tls: text((record) => record.tls),
  client: text((record) => record.client),
  method: text((record) => record.method),
  authority: text((record) => record.authority),
  path: text((record) => record.path),
  originalPath: text((record) => record.originalPath),
  status: numeric('number', (record) => record.status),
  grpcStatus: numeric('number', (record) => record.grpcStatus),
  flags: { kind: 'list', read: (record) => record.flags },
  details: text((record) => record.details),
  route: text((record) => record.route),
  virtualHost: text((record) => record.virtualHost),
  cluster: text((record) => record.cluster),
  endpoint: text((record) => record.endpoint),
  attempts: numeric('number', (record) => record.attempts),
  'failedAttempts.endpoint': {
    kind: 'list',
    read: (record) => record.failedAttempts.map(({ endpoint }) => endpoint ?? ''),
  },
  'failedAttempts.outcome': {
    kind: 'list',
    read: (record) => record.failedAttempts.map(({ outcome }) => outcome),
  },
  bytesReceived: numeric('bytes', (record) => record.bytesReceived),
  bytesSent: numeric('bytes', (record) => record.bytesSent),
  'timings.requestMs': numeric('duration', (record) => record.timings.requestMs),
  'timings.upstreamMs': numeric('duration', (record) => record.timings.upstreamMs),
  'timings.responseMs': numeric('duration', (record) => record.timings.responseMs),
  'source.workload': text((record) => record.source?.workload),
  'source.namespace': text((record) => record.source?.namespace),
  'source.app': text((record) => record.source?.app),
  'source.version': text((record) => record.source?.version),
  'source.service': text((record) => record.source?.service),
  'destination.workload': text((record) => record.destination?.workload),
  'destination.namespace': text((record) => record.destination?.namespace),
  'destination.app': text((record) => record.destination?.app),
  'destination.version': text((record) => record.destination?.version),
  'destination.service': text((record) => record.destination?.service),
  traceId: text((record) => record.traceId),
  requestId: text((record) => record.requestId),
};

/** Shorter names of fields that are asked for often. */
export const filterAliases: Readonly<Record<string, string>> = {
  duration: 'durationMs',
  host: 'authority',
  code: 'status',
  workload: 'destination.workload',
  version: 'destination.version',
};

export const filterFieldNames: readonly string[] = Object.keys(fields);

const byLowerCase = new Map([
  ...filterFieldNames.map((name) => [name.toLowerCase(), fields[name] as FilterField] as const),
  ...Object.entries(filterAliases).map(
    ([alias, name]) => [alias.toLowerCase(), fields[name] as FilterField] as const,
  ),
]);

/** Whatever the case of its letters; null: there is no such field. */
export function findFilterField(name: string): FilterField | null {
  return byLowerCase.get(name.toLowerCase()) ?? null;
}
