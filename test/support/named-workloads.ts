/** Small HTTP services that say their own name, and the manifests that make Services of them. */

import { type HttpOrigin, httpOrigin } from './origin.ts';

export interface NamedWorkloads {
  /** `--workload NAME=ADDR:PORT` for each. */
  readonly args: readonly string[];
  stop(): Promise<void>;
}

/** Starts one service a name; each answers with `x-backend: NAME` and the path it was asked for. */
export async function startWorkloads(names: readonly string[]): Promise<NamedWorkloads> {
  const origins: HttpOrigin[] = [];
  const args: string[] = [];
  for (const name of names) {
    const origin = await httpOrigin((request, response) => {
      response.writeHead(200, { 'x-backend': name, 'content-type': 'text/plain' });
      response.end(`${name} ${request.method} ${request.url}\n`);
    });
    origins.push(origin);
    args.push('--workload', `${name}=127.0.0.1:${origin.port}`);
  }
  const stop = async (): Promise<void> => {
    await Promise.all(origins.map((origin) => origin.stop()));
  };
  return { args, stop };
}

export interface ServiceManifest {
  readonly name: string;
  readonly port: number;
  /** Deployment name to the labels of its pods. */
  readonly deployments: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A Service that selects `app: NAME` and one Deployment for each workload. */
export function serviceManifests(service: ServiceManifest): string {
  const documents: unknown[] = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service.name },
      spec: {
        selector: { app: service.name },
        ports: [{ name: 'http', port: service.port }],
      },
    },
  ];
  for (const [name, labels] of Object.entries(service.deployments)) {
    const podLabels = { app: service.name, ...labels };
    documents.push({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        selector: { matchLabels: podLabels },
        template: {
          metadata: { labels: podLabels },
          spec: { containers: [{ name, image: name }] },
        },
      },
    });
  }
  // JSON is YAML.
  return documents.map((document) => JSON.stringify(document)).join('\n---\n');
}
