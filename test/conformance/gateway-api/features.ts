/** The features that the conformance tests name: how far each is served here, and why not further. */

export interface Feature {
  readonly level: 'core' | 'extended';
  readonly supported: 'yes' | 'no' | 'partly';
  /** What it is, where its name does not say it; of others than `yes`, why. */
  readonly note: string;
}

const core = { level: 'core', supported: 'yes', note: '' } as const;
const extended = { level: 'extended', supported: 'yes', note: '' } as const;

function noted(feature: Feature, note: string): Feature {
  return { ...feature, note };
}

function without(supported: 'no' | 'partly', note: string): Feature {
  return { level: 'extended', supported, note };
}

/** In the order of the document. */
export const features: Readonly<Record<string, Feature>> = {
  SupportGateway: core,
  SupportHTTPRoute: core,
  SupportGRPCRoute: core,
  SupportTLSRoute: core,
  SupportTCPRoute: core,
  SupportReferenceGrant: core,
  SupportBackendTLSPolicy: core,
  SupportMesh: noted(core, 'routes whose parent is a Service'),
  SupportHTTPRoute303RedirectStatusCode: extended,
  SupportHTTPRoute307RedirectStatusCode: extended,
  SupportHTTPRoute308RedirectStatusCode: extended,
  SupportHTTPRouteBackendProtocolH2C: noted(extended, '`appProtocol: kubernetes.io/h2c`'),
  SupportHTTPRouteBackendProtocolWebSocket: noted(extended, '`appProtocol: kubernetes.io/ws`'),
  SupportHTTPRouteBackendRequestHeaderModification: extended,
  SupportHTTPRouteBackendRequestRedirect: noted(
    extended,
    '`RequestRedirect` at the only backend of a rule',
  ),
  SupportHTTPRouteBackendTimeout: noted(extended, '`timeouts.backendRequest`'),
  SupportHTTPRouteBackendURLRewrite: noted(extended, '`URLRewrite` at the only backend of a rule'),
  SupportHTTPRouteCORS: extended,
  SupportHTTPRouteDestinationPortMatching: noted(extended, '`port` of a `parentRef`'),
  SupportHTTPRouteHostRewrite: extended,
  SupportHTTPRouteMethodMatching: extended,
  SupportHTTPRouteNamedRouteRule: extended,
  SupportHTTPRouteParentRefPort: extended,
  SupportHTTPRoutePathRedirect: extended,
  SupportHTTPRoutePathRewrite: extended,
  SupportHTTPRoutePortRedirect: extended,
  SupportHTTPRouteQueryParamMatching: extended,
  SupportHTTPRouteRequestMirror: extended,
  SupportHTTPRouteRequestMultipleMirrors: extended,
  SupportHTTPRouteRequestPercentageMirror: noted(extended, '`percent` and `fraction`'),
  SupportHTTPRouteRequestTimeout: noted(extended, '`timeouts.request`'),
  SupportHTTPRouteResponseHeaderModification: extended,
  SupportHTTPRouteRetry: noted(extended, '`retry`, in the experimental channel'),
  SupportHTTPRouteRetryBackendTimeout: extended,
  SupportHTTPRouteRetryConnectionError: extended,
  SupportHTTPRouteSchemeRedirect: extended,
  SupportGRPCRouteNamedRouteRule: extended,
  SupportGRPCRouteRequestHeaderModifier: extended,
  SupportTLSRouteModeTerminate: extended,
  SupportTLSRouteModeMixed: noted(
    extended,
    'listeners of one port that end TLS and that pass it on',
  ),
  SupportBackendTLSPolicySANValidation: extended,
  SupportGatewayPort8080: extended,
  SupportGatewayHTTPListenerIsolation: noted(
    extended,
    'a request gets routes of the listener with the closest hostname only',
  ),
  SupportGatewayFrontendClientCertificateValidation: extended,
  SupportGatewayFrontendClientCertificateValidationInsecureFallback: extended,
  SupportGatewayBackendClientCertificate: without(
    'partly',
    'the reference is checked and told in the status; the certificate is not shown to backends: ' +
      'a DestinationRule with TLS mode `MUTUAL` does that',
  ),
  SupportGatewayHTTPSListenerDetectMisdirectedRequests: without(
    'partly',
    'what another listener of the port should have got is answered as for an unknown host, 404 in ' +
      'place of 421, as by Envoy; a host within a wildcard of the listener is served',
  ),
  SupportGatewayInfrastructurePropagation: without('no', 'nothing is deployed'),
  SupportGatewayStaticAddresses: without('no', 'addresses are those of the process'),
  SupportGatewayAddressEmpty: without('no', 'addresses are those of the process'),
  SupportListenerSet: without('no', 'listeners are those of Gateways'),
  SupportUDPRoute: without('no', 'there are no listeners for UDP'),
  SupportMeshConsumerRoute: noted(
    extended,
    'a route in the namespace of clients holds for them alone',
  ),
  SupportMeshHTTPRouteBackendRequestHeaderModification: extended,
  SupportMeshHTTPRouteNamedRouteRule: extended,
  SupportMeshHTTPRouteQueryParamMatching: extended,
  SupportMeshHTTPRouteRedirectPath: extended,
  SupportMeshHTTPRouteRedirectPort: extended,
  SupportMeshHTTPRouteRewritePath: extended,
  SupportMeshHTTPRouteSchemeRedirect: extended,
  SupportMeshClusterIPMatching: without(
    'no',
    'clients name a Service by its host; connections to its address need iptables',
  ),
};
