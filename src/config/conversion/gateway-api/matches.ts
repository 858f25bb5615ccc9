/** Matches of HTTPRoute and GRPCRoute in the words of VirtualService. */

import type { GrpcMethodMatch, GrpcRouteMatch } from '../../schema/gateway-api/grpc-route.ts';
import type {
  HttpPathMatch,
  HttpRouteMatch,
  NamedMatch,
} from '../../schema/gateway-api/http-route.ts';
import type { StringMatch } from '../../schema/shared.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';

export function httpMatch(match: HttpRouteMatch): HttpMatchRequest {
  const { path, headers, queryParams, method } = match;
  return {
    uri: pathMatch(path ?? {}),
    ...headerMatches(headers),
    ...(queryParams === undefined
      ? {}
      : { queryParams: firstOfEach(queryParams.map((each) => [each.name, valueMatch(each)])) }),
    ...(method === undefined ? {} : { method: { exact: method } }),
  };
}

/** Without a method it has no condition on the path. */
export function grpcMatch({ method, headers }: GrpcRouteMatch): HttpMatchRequest {
  return {
    ...(method === undefined ? {} : { uri: grpcPath(method) }),
    ...headerMatches(headers),
  };
}

function pathMatch({ type = 'PathPrefix', value = '/' }: HttpPathMatch): StringMatch {
  switch (type) {
    case 'Exact':
      return { exact: value };
    case 'RegularExpression':
      return { regex: value };
    case 'PathPrefix':
      // A prefix stands for whole segments, with or without a slash at its end.
      return { prefix: value === '/' ? value : value.replace(/\/$/, '') };
  }
}

/** The path of a call is `/service/method`. */
function grpcPath({ type = 'Exact', service, method }: GrpcMethodMatch): StringMatch {
  if (type === 'Exact' && service !== undefined) {
    return method === undefined ? { prefix: `/${service}/` } : { exact: `/${service}/${method}` };
  }
  return { regex: `/${partPattern(service ?? '[^/]+')}/${partPattern(method ?? '.+')}` };
}

/** Alternatives are those of one part. Others stay as Istio has them: length decides their order. */
function partPattern(text: string): string {
  return text.includes('|') ? `(?:${text})` : text;
}

function headerMatches(
  headers: readonly NamedMatch[] | undefined,
): Pick<HttpMatchRequest, 'headers'> {
  if (headers === undefined) return {};
  return {
    headers: firstOfEach(headers.map((each) => [each.name.toLowerCase(), valueMatch(each)])),
  };
}

function valueMatch({ type = 'Exact', value }: NamedMatch): StringMatch {
  return type === 'Exact' ? { exact: value } : { regex: value };
}

/** Of several conditions for one name the first counts. */
function firstOfEach(
  entries: readonly (readonly [string, StringMatch])[],
): Record<string, StringMatch> {
  return Object.fromEntries([...entries].reverse());
}
