/** What `sluice convert` does: reads files, converts their Ingresses, prints and checks the result. */

import { compareFindings, type Finding } from '../../config/finding.ts';
import { type LoadedResources, ResourceLoader } from '../../config/parse/load.ts';
import { resourceLabel } from '../../config/resource.ts';
import { mergeSettings } from '../../config/settings/merge-settings.ts';
import { type Converted, convert } from '../../convert/convert.ts';
import { ofClass } from '../../convert/ingress-class.ts';
import {
  type Keyed,
  keyOf,
  type OtherDocument,
  otherDocuments,
  type ResourceKey,
  resourceKey,
} from '../../convert/other-documents.ts';
import { joinDocuments, resourceYaml } from '../../convert/resource-yaml.ts';
import { FileSource, type FilesRead } from '../../sources/file.ts';
import { exitCode } from '../exit-code.ts';
import { renderFindings } from '../findings/render-text.ts';
import { namesOfPaths } from '../options/config-options.ts';
import { fail } from '../output/say.ts';
import type { ConvertFlags } from './convert.ts';
import { checkConversion } from './convert-check.ts';

export async function convertFiles(paths: readonly string[], flags: ConvertFlags): Promise<number> {
  const source = await new FileSource(paths).read();
  const read = new ResourceLoader().load(source.files);
  const settings = mergeSettings({}, read.resources.bootstraps);
  if (!settings.ok) return fail(settings.error.map(({ message }) => message).join('; '));
  const { proxy } = settings.value;
  const written = ofClass(read.resources, flags.ingressClass ?? null);
  const told = [...source.findings, ...readingFindings(read)];
  if (written.ingresses.length === 0) {
    printFindings(told, source);
    const ofWhich = flags.ingressClass === undefined ? '' : ` of class ${flags.ingressClass}`;
    const isRefused = read.refused.some(({ kind }) => kind === 'Ingress');
    const what = isRefused ? 'no Ingress that can be used' : `no Ingress${ofWhich}`;
    return fail(`there is ${what} in ${namesOfPaths(paths)}`);
  }
  const { to: target, gateway = null, gatewayClass } = flags;
  const converted = convert(written, proxy, { target, gateway, gatewayClass });
  const documents = converted.resources.map(resourceYaml);
  const text = joinDocuments(documents);
  const others = otherDocuments(source.files, keysOf(written.ingresses));
  const taken = takenGateway(converted, others);
  if (taken !== null) return fail(taken);
  process.stdout.write(printed(flags, { converted, documents, others: flags.all ? others : [] }));
  const findings = [
    ...told,
    ...converted.findings,
    ...converted.losses.map(({ finding }) => finding),
    ...(flags.check ? checkConversion(written, proxy, { ...converted, text }) : []),
  ];
  printFindings(findings, source);
  return findings.some(({ severity }) => severity !== 'info') ? exitCode.failure : exitCode.ok;
}

/** What is wrong in Ingresses, or cannot be read; the rest is not what this is about. */
function readingFindings({ findings }: LoadedResources): Finding[] {
  return findings.filter(
    ({ resource, severity }) =>
      resource.startsWith('Ingress ') || (resource === '' && severity === 'error'),
  );
}

function keysOf(resources: readonly Keyed[]): ReadonlySet<ResourceKey> {
  return new Set(resources.map(resourceKey));
}

/** Other names are chosen so that they are free, this one by the user. */
function takenGateway({ resources }: Converted, others: readonly OtherDocument[]): string | null {
  const keys = new Set(others.map(({ value }) => keyOf(value)));
  const taken = resources.find((one) => one.kind === 'Gateway' && keys.has(resourceKey(one)));
  if (taken === undefined) return null;
  const { kind, metadata } = taken;
  const label = resourceLabel(kind, metadata.namespace, metadata.name);
  return `there is a ${label} already: name another one with --gateway`;
}

interface Printed {
  readonly converted: Converted;
  readonly documents: readonly string[];
  readonly others: readonly OtherDocument[];
}

function printed({ output }: ConvertFlags, { converted, documents, others }: Printed): string {
  if (output === 'yaml') return joinDocuments([...documents, ...others.map(({ text }) => text)]);
  const made = converted.resources.map(({ remarks: _, ...resource }) => resource);
  const items = [...made, ...others.map(({ value }) => value)];
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
}

/** Standard output is for the resources. */
function printFindings(findings: readonly Finding[], { files }: FilesRead): void {
  if (findings.length === 0) return;
  const order = new Map(files.map(({ path }, index) => [path, index]));
  const sorted = findings.toSorted((a, b) => compareFindings(a, b, order));
  process.stderr.write(renderFindings(sorted, { files, color: false }));
}
