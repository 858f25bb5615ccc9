/** Istio's rules on the meaning of a resource, beyond what its schema says. */

import { findingCode } from '../finding-code.ts';
import { Problems } from '../problem.ts';
import type { Resource } from '../resource.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import type { DestinationRuleSpec } from '../schema/destination-rule.ts';
import type { GatewaySpec } from '../schema/gateway.ts';
import type { BackendTlsPolicySpec } from '../schema/gateway-api/backend-tls-policy.ts';
import type { KubernetesGatewaySpec } from '../schema/gateway-api/gateway.ts';
import type { GatewayClassSpec } from '../schema/gateway-api/gateway-class.ts';
import type { GrpcRouteSpec } from '../schema/gateway-api/grpc-route.ts';
import type { HttpRouteSpec } from '../schema/gateway-api/http-route.ts';
import type { TcpRouteSpec } from '../schema/gateway-api/tcp-route.ts';
import type { TlsRouteSpec } from '../schema/gateway-api/tls-route.ts';
import type { IngressSpec } from '../schema/ingress.ts';
import type { KindName } from '../schema/kinds.ts';
import type { SecretSpec } from '../schema/kubernetes.ts';
import type { ServiceEntrySpec } from '../schema/service-entry.ts';
import type { WorkloadEntrySpec } from '../schema/shared.ts';
import type { SidecarSpec } from '../schema/sidecar.ts';
import type { TelemetrySpec } from '../schema/telemetry.ts';
import type { ToxicPolicySpec } from '../schema/toxic-policy.ts';
import type { VirtualServiceSpec } from '../schema/virtual-service.ts';
import { checkAnnotations } from './annotations.ts';
import { checkBootstrap } from './bootstrap.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { checkGateway } from './gateway.ts';
import { checkBackendTlsPolicy, checkTcpRoute, checkTlsRoute } from './gateway-api-connections.ts';
import { checkGatewayClass, checkKubernetesGateway } from './gateway-api-gateway.ts';
import { checkGatewayApiHttpRoute, checkGrpcRoute } from './gateway-api-route.ts';
import { checkHealthCheckAnnotation } from './health-check.ts';
import { checkIngress } from './ingress.ts';
import { checkSecret } from './secret.ts';
import { checkServiceEntry, checkWorkloadEntry } from './service-entry.ts';
import { checkSidecar } from './sidecar.ts';
import { checkTelemetry } from './telemetry.ts';
import { checkToxicPolicy } from './toxic-policy.ts';
import { checkVirtualService } from './virtual-service.ts';

/** The decoder has made the spec what the schema of its kind says. */
export function validateResource(resource: Resource<KindName, unknown>, problems: Problems): void {
  const { kind, spec } = resource;
  const { name, namespace, annotations } = resource.metadata;
  checkAnnotations(kind, annotations, problems);
  switch (kind) {
    case 'VirtualService':
      checkVirtualService(spec as VirtualServiceSpec, namespace, problems);
      break;
    case 'Service':
      checkHealthCheckAnnotation(resource.metadata.annotations, problems);
      break;
    case 'DestinationRule':
      checkHealthCheckAnnotation(resource.metadata.annotations, problems);
      checkDestinationRule(spec as DestinationRuleSpec, namespace, problems);
      break;
    case 'Gateway':
      checkGateway(spec as GatewaySpec, name, problems);
      break;
    case 'ServiceEntry':
      checkHealthCheckAnnotation(resource.metadata.annotations, problems);
      checkServiceEntry(spec as ServiceEntrySpec, namespace, problems);
      break;
    case 'WorkloadEntry':
      checkWorkloadEntry(spec as WorkloadEntrySpec, problems);
      break;
    case 'Sidecar':
      checkSidecar(spec as SidecarSpec, problems);
      break;
    case 'Telemetry':
      checkTelemetry(spec as TelemetrySpec, problems);
      break;
    case 'Ingress':
      checkIngress({ ...resource, spec: spec as IngressSpec }, problems);
      break;
    case 'Secret':
      checkSecret(spec as SecretSpec, problems);
      break;
    case 'Bootstrap':
      checkBootstrap(spec as BootstrapSpec, problems);
      break;
    case 'KubernetesGateway':
      checkOwnKind((own) => checkKubernetesGateway(spec as KubernetesGatewaySpec, own), problems);
      break;
    case 'GatewayClass':
      checkOwnKind((own) => checkGatewayClass(spec as GatewayClassSpec, own), problems);
      break;
    case 'HTTPRoute':
      checkOwnKind((own) => checkGatewayApiHttpRoute(spec as HttpRouteSpec, own), problems);
      break;
    case 'GRPCRoute':
      checkOwnKind((own) => checkGrpcRoute(spec as GrpcRouteSpec, own), problems);
      break;
    case 'TLSRoute':
      checkOwnKind((own) => checkTlsRoute(spec as TlsRouteSpec, own), problems);
      break;
    case 'TCPRoute':
      checkOwnKind((own) => checkTcpRoute(spec as TcpRouteSpec, own), problems);
      break;
    case 'BackendTLSPolicy':
      checkOwnKind((own) => checkBackendTlsPolicy(spec as BackendTlsPolicySpec, own), problems);
      break;
    case 'ToxicPolicy':
      checkOwnKind((own) => checkToxicPolicy(spec as ToxicPolicySpec, own), problems);
      break;
    default:
      // Kubernetes has validated its own objects.
      break;
  }
}

/** Istio knows nothing of the kind, so that it refuses nothing of it: the code is one of ours. */
function checkOwnKind(check: (own: Problems) => void, problems: Problems): void {
  const own = new Problems(problems.localTls);
  check(own);
  for (const problem of own.list) {
    const { code } = problem;
    problems.add({ ...problem, code: code === findingCode.invalid ? findingCode.badValue : code });
  }
}
