/** Configuration of every kind, written in many ways: what tests damage. */

const istio = 'apiVersion: networking.istio.io/v1';
const gatewayApi = 'apiVersion: gateway.networking.k8s.io/v1';

export const configCorpus: readonly string[] = [
  `${istio}
kind: VirtualService
metadata: {name: web, annotations: {sluice.dev/sticky-weights: "true"}}
spec:
  hosts: ["web", '*.example.com']
  gateways: [mesh, edge]
  http:
  - name: first
    match:
    - uri: {prefix: /a}
      headers: {cookie: {regex: "^(.*?;)?(user=jason)(;.*)?$"}}
      queryParams: {version: {exact: "1"}}
      sourceLabels: {app: shop}
    fault: {delay: {fixedDelay: 1s, percentage: {value: 0.1}}, abort: {httpStatus: 503}}
    retries: {attempts: 3, perTryTimeout: 250ms, retryOn: "5xx,reset"}
    timeout: 2s
    rewrite: {uri: /b}
    mirror: {host: web, subset: v2}
    corsPolicy: {allowOrigins: [{exact: https://a.example}], maxAge: 24h}
    headers: {request: {set: {x-route: "%PROTOCOL%"}, remove: [x-old]}}
    route:
    - destination: {host: web, subset: v1}
      weight: 90
    - destination: {host: web, subset: v2, port: {number: 80}}
      weight: 10
  - redirect: {uri: /moved, redirectCode: 308}
---
${istio}
kind: DestinationRule
metadata: {name: web}
spec:
  host: web
  trafficPolicy:
    loadBalancer:
      consistentHash: {httpCookie: {name: user, ttl: 0s}}
      localityLbSetting: {failover: [{from: a, to: b}]}
    connectionPool: {tcp: {maxConnections: 10, connectTimeout: 1s}, http: {http2MaxRequests: 5}}
    outlierDetection: {consecutive5xxErrors: 3, interval: 5s, maxEjectionPercent: 50}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}, trafficPolicy: {tls: {mode: SIMPLE, sni: web.example}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
`,
  `${istio}
kind: Gateway
metadata: &meta
  name: edge
  namespace: default
spec:
  selector: {istio: ingressgateway}
  servers:
    - port: {number: 80, name: http, protocol: HTTP}
      hosts: ["*/web.example.com", "./b.example.com"]
      tls: {httpsRedirect: true}
    - port: {number: 443, name: https, protocol: HTTPS}
      hosts: ["*"]
      tls: {mode: SIMPLE, credentialName: edge, minProtocolVersion: TLSV1_2}
    - port: {number: 9000, name: tcp, protocol: TCP}
      hosts: ["*"]
---
${istio}
kind: VirtualService
metadata: *meta
spec:
  hosts: [web.example.com]
  gateways: [default/edge]
  tcp:
    - match: [{port: 9000, destinationSubnets: [10.0.0.0/8]}]
      route: [{destination: {host: tcp.example.com, port: {number: 9000}}}]
  tls:
    - match: [{port: 443, sniHosts: [web.example.com]}]
      route: [{destination: {host: tcp.example.com}}]
  http:
    - directResponse: {status: 200, body: {string: |
        hello
        world
        }}
---
${istio}
kind: ServiceEntry
metadata: {name: tcp}
spec:
  hosts: [tcp.example.com]
  addresses: [240.0.0.1, 10.1.0.0/16]
  ports: [{number: 9000, name: tcp, protocol: TCP}, {number: 443, name: tls, protocol: TLS}]
  resolution: STATIC
  location: MESH_INTERNAL
  endpoints:
    - {address: 127.0.0.1, ports: {tcp: 9001}, labels: {version: v1}, locality: r/z/s, weight: 2}
    - address: "::1"
`,
  `${istio}
kind: Sidecar
metadata: {name: default}
spec:
  workloadSelector: {labels: {app: web}}
  ingress: [{port: {number: 80, protocol: HTTP, name: web}, defaultEndpoint: "127.0.0.1:8080"}]
  egress:
    - port: {number: 9080, protocol: HTTP, name: out}
      bind: 127.0.0.1
      hosts: ["./*", "other/*"]
  outboundTrafficPolicy: {mode: REGISTRY_ONLY}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: all}
spec:
  accessLogging:
    - providers: [{name: envoy}]
      filter: {expression: "response.code >= 400"}
  tracing: [{randomSamplingPercentage: 10, customTags: {a: {literal: {value: b}}}}]
  metrics: [{overrides: [{match: {metric: REQUEST_COUNT}, tagOverrides: {a: {value: "'b'"}}}]}]
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Namespace, metadata: {name: other, labels: {a: b}}}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web-v1}
    spec: {replicas: 2, template: {metadata: {labels: {app: web}}, spec: {containers: []}}}
  - apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{name: http, port: 8080}]
    endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]
---
apiVersion: sluice.dev/v1
kind: Bootstrap
spec:
  listeners: {outbound: ["127.0.0.1:15001"], admin: "127.0.0.1:0"}
  workloads: {web-v1: "127.0.0.1:8080"}
  limits: {requestHeaders: 64Ki}
  meshConfig:
    outboundTrafficPolicy: {mode: REGISTRY_ONLY}
    extensionProviders: [{name: z, zipkin: {service: web.default.svc.cluster.local, port: 80}}]
---
apiVersion: sluice.dev/v1
kind: ToxicPolicy
metadata: {name: slow}
spec: {toxics: [{latency: {fixedDelay: 1s}}]}
`,
  `${gatewayApi}
kind: GatewayClass
metadata: {name: own}
spec: {controllerName: sluice.dev/gateway-controller}
---
${gatewayApi}
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: own
  tls:
    backend: {clientCertificateRef: {name: cert}}
    frontend:
      default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}}
      perPort:
      - port: 443
        tls: {validation: {mode: AllowInsecureFallback, caCertificateRefs: [{name: ca}]}}
  listeners:
  - name: http
    port: 80
    protocol: HTTP
    allowedRoutes:
      namespaces: {from: Selector, selector: {matchLabels: {a: b}}}
      kinds: [{kind: HTTPRoute}]
  - name: https
    port: 443
    protocol: HTTPS
    hostname: "*.example.com"
    tls: {certificateRefs: [{name: cert, namespace: certs}]}
  - {name: pass, port: 443, protocol: TLS, hostname: a.example.org, tls: {mode: Passthrough}}
  - {name: tcp, port: 9000, protocol: TCP}
---
${gatewayApi}
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs:
  - {name: edge, sectionName: http}
  - {name: edge, port: 443}
  - {kind: Service, group: "", name: web, port: 80}
  hostnames: [www.example.com]
  rules:
  - name: first
    matches:
    - path: {type: Exact, value: /a}
      headers: [{name: x-user, type: RegularExpression, value: "a.*"}]
      queryParams: [{name: version, value: "1"}]
      method: GET
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier: {set: [{name: x-a, value: b}], remove: [x-old]}
    - type: URLRewrite
      urlRewrite: {hostname: b.example, path: {type: ReplaceFullPath, replaceFullPath: /b}}
    - type: RequestMirror
      requestMirror: {backendRef: {name: web, port: 80}, fraction: {numerator: 1, denominator: 3}}
    backendRefs:
    - name: web
      port: 80
      weight: 9
      filters:
      - type: ResponseHeaderModifier
        responseHeaderModifier: {add: [{name: x-b, value: c}]}
    - {name: other, namespace: shop, port: 80, weight: 1}
    timeouts: {request: 2s, backendRequest: 500ms}
    retry: {codes: [500], attempts: 2, backoff: 10ms}
    sessionPersistence: {sessionName: s, absoluteTimeout: 1h}
  - filters:
    - type: RequestRedirect
      requestRedirect: {scheme: https, port: 8443, statusCode: 301}
---
${gatewayApi}
kind: GRPCRoute
metadata: {name: grpc}
spec:
  parentRefs: [{name: edge}]
  rules:
  - matches: [{method: {service: a.B, method: C}, headers: [{name: x, value: y}]}]
    backendRefs: [{name: web, port: 80}]
---
${gatewayApi}
kind: TLSRoute
metadata: {name: tls}
spec:
  parentRefs: [{name: edge, sectionName: pass}]
  hostnames: [a.example.org]
  rules: [{backendRefs: [{name: web, port: 80}]}]
---
${gatewayApi}
kind: TCPRoute
metadata: {name: tcp}
spec:
  parentRefs: [{name: edge, sectionName: tcp}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
---
${gatewayApi}
kind: ReferenceGrant
metadata: {name: web, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}]
  to: [{group: "", kind: Service}]
---
${gatewayApi}
kind: BackendTLSPolicy
metadata: {name: web}
spec:
  targetRefs: [{group: "", kind: Service, name: web, sectionName: http}]
  validation:
    hostname: web.example
    caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: ca}, data: {ca.crt: none}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}
`,
];
