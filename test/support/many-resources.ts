/** Resources in any number, for measurements. */

/** A Service, a Deployment, a DestinationRule and a VirtualService, as people write them. */
export function resourcesOf(index: number): string {
  const name = `service-${index}`;
  const metadata = (suffix = '') =>
    `metadata:\n  name: ${name}${suffix}\n  namespace: team-${index % 20}\n`;
  return `apiVersion: v1
kind: Service
${metadata()}spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
${metadata('-v1')}spec:
  replicas: 2
  template:
    metadata:
      labels: {app: ${name}, version: v1}
    spec:
      containers:
        - name: app
          image: example.com/app:1
          ports:
            - containerPort: 8080
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
${metadata()}spec:
  host: ${name}
  trafficPolicy:
    connectionPool:
      http:
        http1MaxPendingRequests: 100
    outlierDetection:
      consecutive5xxErrors: 5
      interval: 10s
  subsets:
    - name: v1
      labels:
        version: v1
---
apiVersion: networking.istio.io/v1
kind: VirtualService
${metadata()}spec:
  hosts:
    - ${name}
  http:
    - match:
        - uri:
            prefix: /api/
          headers:
            end-user:
              exact: jason
      route:
        - destination:
            host: ${name}
            subset: v1
      timeout: 5s
      retries:
        attempts: 3
        perTryTimeout: 1s
        retryOn: 5xx,reset
    - route:
        - destination:
            host: ${name}
            subset: v1
---
`;
}
