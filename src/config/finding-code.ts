/** Every finding code of our own, with the severity it has. `docs/messages.md` explains each. */

import type { Severity } from './finding.ts';

export const findingCode = {
  /** A path that cannot be read, or is not there. */
  unreadable: 'SLC0001',
  notUtf8: 'SLC0002',
  /** A limit of `parse/limits.ts`. */
  tooLarge: 'SLC0003',
  emptyFolder: 'SLC0004',
  noResources: 'SLC0005',
  emptiedFile: 'SLC0006',
  syntax: 'SLC0010',
  tab: 'SLC0011',
  indentation: 'SLC0012',
  duplicateKey: 'SLC0013',
  noKind: 'SLC0020',
  apiVersion: 'SLC0021',
  ignoredKind: 'SLC0022',
  duplicateResource: 'SLC0023',
  metadata: 'SLC0024',
  /** A kind that is not read, and that says who may ask for what. */
  unenforcedPolicy: 'SLC0025',
  unknownField: 'SLC0030',
  wrongType: 'SLC0031',
  badValue: 'SLC0032',
  missingField: 'SLC0033',
  severalOfOne: 'SLC0034',
  noEffect: 'SLC0035',
  /** A value of the Bootstrap resource that its schema allows and that cannot be used. */
  setting: 'SLC0301',
  severalBootstraps: 'SLC0302',
  /** What the system refuses on a reload; at the start it ends the program. */
  cannotListen: 'SLC0303',
  accessLog: 'SLC0304',
  /** Files with a certificate, a key or authorities. */
  secretFiles: 'SLC0305',
  /** What OpenSSL refuses. */
  tlsRefused: 'SLC0306',
  /** Istio's codes where it has one: Deprecated, SchemaValidationError, SchemaWarning. */
  deprecated: 'IST0002',
  invalid: 'IST0106',
  doubtful: 'IST0133',
} as const;

export type FindingCode = (typeof findingCode)[keyof typeof findingCode];

/** The severity of a code, always the same. */
export const severityOf: Readonly<Record<FindingCode, Severity>> = {
  [findingCode.unreadable]: 'error',
  [findingCode.notUtf8]: 'error',
  [findingCode.tooLarge]: 'error',
  [findingCode.emptyFolder]: 'warning',
  [findingCode.noResources]: 'error',
  [findingCode.emptiedFile]: 'warning',
  [findingCode.syntax]: 'error',
  [findingCode.tab]: 'error',
  [findingCode.indentation]: 'error',
  [findingCode.duplicateKey]: 'error',
  [findingCode.noKind]: 'error',
  [findingCode.apiVersion]: 'error',
  [findingCode.ignoredKind]: 'info',
  [findingCode.duplicateResource]: 'warning',
  [findingCode.metadata]: 'error',
  [findingCode.unenforcedPolicy]: 'warning',
  [findingCode.unknownField]: 'error',
  [findingCode.wrongType]: 'error',
  [findingCode.badValue]: 'error',
  [findingCode.missingField]: 'error',
  [findingCode.severalOfOne]: 'error',
  [findingCode.noEffect]: 'warning',
  [findingCode.setting]: 'error',
  [findingCode.severalBootstraps]: 'warning',
  [findingCode.cannotListen]: 'error',
  [findingCode.accessLog]: 'error',
  [findingCode.secretFiles]: 'error',
  [findingCode.tlsRefused]: 'error',
  [findingCode.deprecated]: 'warning',
  [findingCode.invalid]: 'error',
  [findingCode.doubtful]: 'warning',
};
