/** KIA0701: ports of a Service that no container of its pods has. */

import type { PodSpec, ServiceSpec } from '../../schema/kubernetes.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { Selectable, type Selector } from '../istio/selector.ts';
import { kialiCode } from '../kiali-code.ts';

interface Pods {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Selector;
  readonly ports: readonly ContainerPort[];
}

interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
}

export function* containerPorts(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const all = new Selectable(podsWithPorts(context));
  for (const resource of context.resources.services) {
    const { selector = {}, ports = [] } = resource.spec;
    if (Object.keys(selector).length === 0) continue;
    const { namespace } = resource.metadata;
    const behind = all.selectedBy(selector).filter((pods) => pods.namespace === namespace);
    // Pods need not list their ports: those that list none may have any.
    if (behind.length === 0 || behind.some((pods) => pods.ports.length === 0)) continue;
    const known = behind.flatMap((pods) => pods.ports);
    for (const [index, port] of ports.entries()) {
      if (isOpen(port, known)) continue;
      const wanted = targetOf(port);
      yield {
        code: kialiCode.containerPort,
        resource,
        path: ['spec', 'ports', index, 'targetPort'],
        message: `no container of ${behind.map(({ name }) => name).join(', ')} has the port ${wanted}`,
        hint: `they have ${known.map(describe).join(', ')}`,
      };
    }
  }
}

type ServicePort = NonNullable<ServiceSpec['ports']>[number];

/** A targetPort of 0 or '' is the port itself, as for Kubernetes. */
function targetOf({ port, targetPort }: ServicePort): number | string {
  return targetPort || port;
}

function isOpen(port: ServicePort, known: readonly ContainerPort[]): boolean {
  const target = targetOf(port);
  return known.some(({ name, containerPort }) => target === containerPort || target === name);
}

function describe({ name = '', containerPort }: ContainerPort): string {
  return name === '' ? `${containerPort}` : `${containerPort} (${name})`;
}

function podsWithPorts({ resources }: AnalysisContext): Pods[] {
  const controllers = [...resources.deployments, ...resources.statefulSets];
  return [
    ...resources.pods.map(({ metadata, spec }) => podsOf(metadata, metadata.labels, spec)),
    ...controllers.map(({ metadata, spec: { template } }) =>
      podsOf(metadata, template?.metadata?.labels ?? {}, template?.spec ?? {}),
    ),
  ];
}

function podsOf(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  labels: Selector,
  { containers = [] }: PodSpec,
): Pods {
  return { name, namespace, labels, ports: containers.flatMap(({ ports = [] }) => ports) };
}
