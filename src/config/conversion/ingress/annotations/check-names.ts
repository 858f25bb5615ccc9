/** Annotations with nginx's prefix that mean nothing here, or are not what they promise. */

import { nearestSpelling, nearestStem } from '../../../../base/spelling.ts';
import { translationCode } from '../../../translate/translation-findings.ts';
import {
  harmlessValues,
  idleAnnotations,
  nginxPrefix,
  servedAnnotations,
  snippetAnnotations,
  unenforcedAnnotations,
} from './annotation-names.ts';
import type { AnnotationReader } from './annotation-reader.ts';

export function checkNames(reader: AnnotationReader): void {
  for (const written of Object.keys(reader.ingress.metadata.annotations)) {
    if (!written.startsWith(nginxPrefix)) continue;
    const name = written.slice(nginxPrefix.length);
    if (servedAnnotations.includes(name) || reader.text(name) === harmlessValues[name]) continue;
    checkName(name, written, reader);
  }
}

/** For a class whose controller does not know them. */
export function reportUnread(reader: AnnotationReader): void {
  for (const written of Object.keys(reader.ingress.metadata.annotations)) {
    if (!written.startsWith(nginxPrefix)) continue;
    reader.report(translationCode.idleAnnotation, written.slice(nginxPrefix.length), {
      message: `${written} has no effect: it is not of nginx's class, but of Istio's`,
      hint: null,
    });
  }
}

function checkName(name: string, written: string, reader: AnnotationReader): void {
  if (snippetAnnotations.includes(name)) {
    reader.report(translationCode.refusedAnnotation, name, {
      message: `${written} is refused: nothing here reads configuration of nginx`,
      hint: 'say it in a VirtualService, or with another annotation',
    });
  } else if (unenforcedAnnotations.includes(name)) {
    reader.report(translationCode.refusedAnnotation, name, {
      message: `${written} is not enforced: requests are served without asking`,
      hint: 'keep what must be protected behind a proxy that asks',
    });
  } else if (Object.hasOwn(idleAnnotations, name)) {
    reader.report(translationCode.idleAnnotation, name, {
      message: `${written} has no effect: ${idleAnnotations[name]}`,
      hint: null,
    });
  } else {
    reader.report(translationCode.unknownAnnotation, name, {
      message: `there is no annotation "${written}"; it has no effect`,
      hint: nearHint(name),
    });
  }
}

function nearHint(name: string): string | null {
  const all = [...servedAnnotations, ...Object.keys(idleAnnotations)];
  const near = nearestSpelling(name, all) ?? nearestStem(name, all);
  return near === null ? null : `did you mean "${nginxPrefix}${near}"?`;
}
