/** custom-http-errors and default-backend: another Service answers in place of an error. */

import { translationCode } from '../../../translate/translation-findings.ts';
import type { AnnotationReader } from './annotation-reader.ts';

export interface ErrorPages {
  readonly statuses: readonly number[];
  /** Name of a Service in the namespace of the Ingress. */
  readonly service: string;
}

/** null: errors are passed on. */
export function readErrorPages(reader: AnnotationReader): ErrorPages | null {
  const service = reader.text('default-backend');
  const statuses = readStatuses(reader);
  if (statuses.length === 0) {
    if (service !== null) reportAlone(reader);
    return null;
  }
  if (service !== null) return { statuses, service };
  reader.refuse(
    'custom-http-errors',
    'name the Service that answers in the annotation default-backend',
    'there is nobody to answer',
  );
  return null;
}

/** The controller also asks it where a Service has no endpoints. */
function reportAlone(reader: AnnotationReader): void {
  reader.report(translationCode.idleAnnotation, 'default-backend', {
    message: `${reader.fullName('default-backend')} has no effect without custom-http-errors`,
    hint: 'name the statuses that it answers for in custom-http-errors, such as "503"',
  });
}

function readStatuses(reader: AnnotationReader): number[] {
  const statuses = reader.list('custom-http-errors');
  const wrong = statuses.find((status) => !/^[345]\d\d$/.test(status));
  if (wrong === undefined) return statuses.map(Number);
  reader.refuse('custom-http-errors', `"${wrong}" is no status of an error: write 404,503`);
  return [];
}
