/** Checks parts of resources by themselves, as the rows of Istio's validation table are given. */

import { type TSchema, Type } from 'typebox';
import { severityOf } from '../../src/config/finding-code.ts';
import { type Path, Problems } from '../../src/config/problem.ts';
import { ConnectionPoolSettings } from '../../src/config/schema/connection-pool.ts';
import { CorsPolicy } from '../../src/config/schema/cors-policy.ts';
import { decode } from '../../src/config/schema/decode.ts';
import { Destination } from '../../src/config/schema/destination.ts';
import {
  DestinationRuleSpec,
  OutlierDetection,
  TrafficPolicy,
} from '../../src/config/schema/destination-rule.ts';
import { GatewayServer, GatewaySpec, ServerTlsSettings } from '../../src/config/schema/gateway.ts';
import { HttpFaultAbort, HttpFaultDelay } from '../../src/config/schema/http-fault.ts';
import { HttpRetry } from '../../src/config/schema/http-retry.ts';
import { LoadBalancerSettings } from '../../src/config/schema/load-balancer.ts';
import { ServiceEntrySpec } from '../../src/config/schema/service-entry.ts';
import { Port, WorkloadEntrySpec } from '../../src/config/schema/shared.ts';
import { SidecarSpec } from '../../src/config/schema/sidecar.ts';
import {
  HttpDirectResponse,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
  HttpRouteDestination,
  VirtualServiceSpec,
} from '../../src/config/schema/virtual-service.ts';
import { checkConnectionPool } from '../../src/config/validation/connection-pool.ts';
import { checkCors } from '../../src/config/validation/cors.ts';
import { checkDestination } from '../../src/config/validation/destination.ts';
import {
  checkDestinationRule,
  checkOutlierDetection,
  checkTrafficPolicy,
} from '../../src/config/validation/destination-rule.ts';
import { checkDirectResponse } from '../../src/config/validation/direct-response.ts';
import { checkFault } from '../../src/config/validation/fault.ts';
import {
  checkGateway,
  checkGatewayPort,
  checkGatewayServer,
} from '../../src/config/validation/gateway.ts';
import { checkHttpRoute } from '../../src/config/validation/http-route.ts';
import { checkLoadBalancer } from '../../src/config/validation/load-balancer.ts';
import { checkRedirect } from '../../src/config/validation/redirect.ts';
import { checkRetries } from '../../src/config/validation/retries.ts';
import { checkRewrite } from '../../src/config/validation/rewrite.ts';
import { checkServerTls } from '../../src/config/validation/server-tls.ts';
import {
  checkServiceEntry,
  checkWorkloadEntry,
} from '../../src/config/validation/service-entry.ts';
import { checkSidecar } from '../../src/config/validation/sidecar.ts';
import { checkVirtualService } from '../../src/config/validation/virtual-service.ts';

export interface PartCheck {
  readonly schema: TSchema;
  check(value: never, path: Path, problems: Problems): void;
}

function part<T>(
  schema: TSchema,
  check: (value: T, path: Path, problems: Problems) => void,
): PartCheck {
  return { schema, check };
}

const root: Path = [];

/** By the names of the table, which are those of Istio's Go types. */
export const partChecks: Readonly<Record<string, PartCheck>> = {
  VirtualService: part<VirtualServiceSpec>(VirtualServiceSpec, (value, _, problems) =>
    checkVirtualService(value, 'default', problems),
  ),
  HTTPRoute: part<HttpRoute>(HttpRoute, (value, path, problems) =>
    checkHttpRoute(value, { path, isDelegate: false }, problems),
  ),
  'HTTPRouteDestination[]': part<HttpRouteDestination[]>(
    Type.Array(HttpRouteDestination),
    (route, path, problems) => checkHttpRoute({ route }, { path, isDelegate: false }, problems),
  ),
  HTTPRedirect: part<HttpRedirect>(HttpRedirect, (value, path, problems) =>
    checkRedirect(value, { match: [] }, { path, problems }),
  ),
  HTTPDirectResponse: part<HttpDirectResponse>(HttpDirectResponse, checkDirectResponse),
  HTTPRewrite: part<HttpRewrite>(HttpRewrite, checkRewrite),
  RegexRewrite: part<NonNullable<HttpRewrite['uriRegexRewrite']>>(
    HttpRewrite.properties.uriRegexRewrite,
    (uriRegexRewrite, path, problems) => checkRewrite({ uriRegexRewrite }, path, problems),
  ),
  HTTPRetry: part<HttpRetry>(HttpRetry, checkRetries),
  'HTTPFaultInjection.Abort': part<HttpFaultAbort>(HttpFaultAbort, (abort, path, problems) =>
    checkFault({ abort }, path, problems),
  ),
  'HTTPFaultInjection.Delay': part<HttpFaultDelay>(HttpFaultDelay, (delay, path, problems) =>
    checkFault({ delay }, path, problems),
  ),
  CorsPolicy: part<CorsPolicy>(CorsPolicy, checkCors),
  Destination: part<Destination>(Destination, checkDestination),
  DestinationRule: part<DestinationRuleSpec>(DestinationRuleSpec, (value, _, problems) =>
    checkDestinationRule(value, 'default', problems),
  ),
  TrafficPolicy: part<TrafficPolicy>(TrafficPolicy, checkTrafficPolicy),
  ConnectionPoolSettings: part<ConnectionPoolSettings>(ConnectionPoolSettings, checkConnectionPool),
  OutlierDetection: part<OutlierDetection>(OutlierDetection, checkOutlierDetection),
  LoadBalancerSettings: part<LoadBalancerSettings>(LoadBalancerSettings, (value, path, problems) =>
    checkLoadBalancer(value, { path, hasOutlierDetection: true }, problems),
  ),
  Gateway: part<GatewaySpec>(GatewaySpec, (value, _, problems) =>
    checkGateway(value, 'gw', problems),
  ),
  Server: part<GatewayServer>(GatewayServer, checkGatewayServer),
  Port: part<Port>(Port, (value, path, problems) =>
    checkGatewayPort(value, { path, bind: '' }, problems),
  ),
  ServerTLSSettings: part<ServerTlsSettings>(ServerTlsSettings, checkServerTls),
  ServiceEntry: part<ServiceEntrySpec>(ServiceEntrySpec, (value, _, problems) =>
    checkServiceEntry(value, 'default', problems),
  ),
  WorkloadEntry: part<WorkloadEntrySpec>(WorkloadEntrySpec, (value, _, problems) =>
    checkWorkloadEntry(value, problems),
  ),
  Sidecar: part<SidecarSpec>(SidecarSpec, (value, _, problems) => checkSidecar(value, problems)),
  /** Rows of this kind are HTTP statuses. */
  int: part<number>(Type.Integer(), (status, path, problems) =>
    checkDirectResponse({ status }, path, problems),
  ),
};

/** Whether a value passes its schema and its rules; null is an absent part. */
export function accepts({ schema, check }: PartCheck, input: unknown): boolean {
  if (input === null) return true;
  const problems = new Problems();
  const value = decode(schema, input, root, { problems, unknown: 'error' });
  const hasError = () => problems.list.some(({ code }) => severityOf[code] === 'error');
  if (hasError()) return false;
  check(value as never, root, problems);
  return !hasError();
}
