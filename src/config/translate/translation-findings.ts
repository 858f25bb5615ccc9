/** Collects what translation finds; the same thing found for several listeners is told once. */

import type { Finding, Severity } from '../finding.ts';
import { formatPath, type Path } from '../problem.ts';
import { type Resource, resourceLabel, writtenPlace } from '../resource.ts';

/** Codes are stable; `docs/messages.md` explains each. */
export const translationCode = {
  unknownGateway: 'SLC0201',
  unboundGatewayServer: 'SLC0202',
  unknownDestination: 'SLC0203',
  unknownSubset: 'SLC0204',
  unknownDestinationPort: 'SLC0205',
  unservedProtocol: 'SLC0206',
  portTaken: 'SLC0207',
  hostTaken: 'SLC0208',
  ruleWithoutAction: 'SLC0209',
  resolvedByDns: 'SLC0210',
  delegate: 'SLC0211',
  unknownWorkload: 'SLC0212',
  ruleForNothing: 'SLC0213',
  emptySubset: 'SLC0214',
  nothingImported: 'SLC0215',
  plainTextUpstream: 'SLC0216',
  stickyWeights: 'SLC0217',
  unknownNamespace: 'SLC0218',
  unknownToxicTarget: 'SLC0220',
  faultInAttempt: 'SLC0221',
  serverNameTaken: 'SLC0230',
  idleConnectionRule: 'SLC0231',
  unheardPort: 'SLC0232',
  indistinctServices: 'SLC0233',
  unverifiedEndpoint: 'SLC0240',
  uncheckedName: 'SLC0241',
  idleTlsSettings: 'SLC0242',
  locallySigned: 'SLC0243',
  unknownProvider: 'SLC0250',
  unusableProvider: 'SLC0251',
  telemetryConflict: 'SLC0252',
  unregisteredCollector: 'SLC0253',
  idleTelemetry: 'SLC0254',
  unknownMetric: 'SLC0255',
  unknownCollectorPort: 'SLC0256',
  collectorNeedsCertificate: 'SLC0257',
  unusedCollectorTls: 'SLC0258',
  unknownBackendKind: 'SLC0280',
  unpermittedReference: 'SLC0281',
  unusableBackend: 'SLC0282',
  unservedFilter: 'SLC0283',
  routeLeftOut: 'SLC0284',
  missingSecret: 'SLC0222',
  badCertificate: 'SLC0223',
  serverConflict: 'SLC0224',
  uncoveredHosts: 'SLC0225',
  idlePort: 'SLC0226',
  unknownListener: 'SLC0227',
  backendTlsPolicy: 'SLC0268',
  ingressNotServed: 'SLC0260',
  ingressBackend: 'SLC0261',
  ingressPathTaken: 'SLC0262',
  ingressTls: 'SLC0263',
  listenerNotServed: 'SLC0264',
  routeNotAttached: 'SLC0265',
  unusableReference: 'SLC0266',
  annotationValue: 'SLC0270',
  unknownAnnotation: 'SLC0271',
  idleAnnotation: 'SLC0272',
  refusedAnnotation: 'SLC0273',
  lonelyCanary: 'SLC0274',
  turnedPath: 'SLC0275',
} as const;

export type TranslationCode = (typeof translationCode)[keyof typeof translationCode];

/** What must not go unnoticed: served as written it would give secrets away. */
const errors: ReadonlySet<TranslationCode> = new Set([translationCode.collectorNeedsCertificate]);

/** All others are warnings. */
const infos: ReadonlySet<TranslationCode> = new Set([
  translationCode.resolvedByDns,
  translationCode.nothingImported,
  translationCode.unheardPort,
  translationCode.unverifiedEndpoint,
  translationCode.locallySigned,
  translationCode.unregisteredCollector,
  translationCode.ingressNotServed,
]);

export function severityOfTranslation(code: TranslationCode): Severity {
  if (errors.has(code)) return 'error';
  return infos.has(code) ? 'info' : 'warning';
}

export interface FindingPlace {
  /** null: nothing in the files is the place. */
  readonly resource: Resource<string, unknown> | null;
  readonly path: Path;
}

export interface FindingText {
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint?: string | null;
}

export class TranslationFindings {
  readonly #findings = new Map<string, Finding>();

  add(code: TranslationCode, place: FindingPlace, text: FindingText): void {
    const { resource, path: writtenPath } = placeInFile(place);
    const path = formatPath(writtenPath);
    const position = resource?.positionOf(writtenPath) ?? { line: 0, column: 0 };
    const finding: Finding = {
      code,
      severity: severityOfTranslation(code),
      message: text.message,
      hint: text.hint ?? null,
      file: resource?.file ?? '',
      line: position.line,
      column: position.column,
      path,
      resource: resource === null ? '' : nameOf(resource),
    };
    const key = `${code} ${finding.resource} ${path} ${finding.message}`;
    if (!this.#findings.has(key)) this.#findings.set(key, finding);
  }

  list(): readonly Finding[] {
    return [...this.#findings.values()];
  }
}

/** The place in the resource that the user wrote. */
function placeInFile({ resource, path }: FindingPlace): FindingPlace {
  return resource === null ? { resource, path } : writtenPlace({ resource, path });
}

function nameOf({ kind, metadata }: Resource<string, unknown>): string {
  return resourceLabel(kind, metadata.namespace, metadata.name);
}
