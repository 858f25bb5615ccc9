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

function without(note: string): Feature {
  return { level: 'extended', supported: 'no', note };
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
  SupportGatewayBackendClientCertificate: noted(extended, '`tls.backend.clientCertificateRef`'),
  SupportGatewayHTTPSListenerDetectMisdirectedRequests: noted(
    extended,
    'a request that another listener of the port should have got is answered with 421',
  ),
  SupportGatewayInfrastructurePropagation: without('nothing is deployed'),
  SupportGatewayStaticAddresses: without('addresses are those of the process'),
  SupportGatewayAddressEmpty: without('addresses are those of the process'),
  SupportListenerSet: without('listeners are those of Gateways'),
  SupportUDPRoute: without('there are no listeners for UDP'),
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
    'clients name a Service by its host; connections to its address need iptables',
  ),
};
