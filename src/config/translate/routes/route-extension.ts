/** What a rule asks beyond VirtualService, in the words of the model. */

import type { CustomResponsePolicy } from '../../../model/custom-response.ts';
import type { RequestAdmission } from '../../../model/request-admission.ts';
import type { Route } from '../../../model/route.ts';
import type { ErrorResponses, RouteExtension } from '../../schema/route-extension.ts';
import { destinationCluster, type RouteContext } from './route-action.ts';

type ExtendedFields = Pick<Route, 'admission' | 'customResponse'>;

const nothing: ExtendedFields = {};

/** For a route that forwards: others answer at once, before anything is asked of the client. */
export function translateExtension(
  extension: RouteExtension | undefined,
  context: RouteContext,
): ExtendedFields {
  if (extension === undefined) return nothing;
  const admission = translateAdmission(extension);
  const { errorResponses } = extension;
  return {
    ...(admission === null ? {} : { admission }),
    ...(errorResponses === undefined
      ? {}
      : { customResponse: translateErrorResponses(errorResponses, context) }),
  };
}

/** null where nothing is asked. */
function translateAdmission(extension: RouteExtension): RequestAdmission | null {
  const { rateLimits = [], concurrencyLimits = [], sourceIps, maxRequestBytes } = extension;
  const isEmpty =
    rateLimits.length === 0 &&
    concurrencyLimits.length === 0 &&
    sourceIps === undefined &&
    maxRequestBytes === undefined;
  if (isEmpty) return null;
  return {
    rateLimits,
    concurrencyLimits,
    sourceIps: sourceIps ?? null,
    maxRequestBytes: maxRequestBytes ?? null,
  };
}

function translateErrorResponses(
  { destination, ...policy }: ErrorResponses,
  context: RouteContext,
): CustomResponsePolicy {
  return { ...policy, cluster: destinationCluster(destination, context) };
}
