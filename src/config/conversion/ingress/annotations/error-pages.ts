/** custom-http-errors and default-backend: another Service answers in place of an error. */

import type { AnnotationReader } from './annotation-reader.ts';

export interface ErrorPages {
  /** Where the Service of a rule has no endpoint, the other one answers in any case. */
  readonly statuses: readonly number[];
  /** Name of a Service in the namespace of the Ingress. */
  readonly service: string;
}

/** null: errors are passed on. */
export function readErrorPages(reader: AnnotationReader): ErrorPages | null {
  const service = reader.text('default-backend');
  const statuses = readStatuses(reader);
  if (service !== null) return { statuses, service };
  if (statuses.length === 0) return null;
  reader.refuse(
    'custom-http-errors',
    'name the Service that answers in the annotation default-backend',
    'there is nobody to answer',
  );
  return null;
}

function readStatuses(reader: AnnotationReader): number[] {
  const statuses = reader.list('custom-http-errors');
  const wrong = statuses.find((status) => !/^[345]\d\d$/.test(status));
  if (wrong === undefined) return statuses.map(Number);
  reader.refuse('custom-http-errors', `"${wrong}" is no status of an error: write 404,503`);
  return [];
}
