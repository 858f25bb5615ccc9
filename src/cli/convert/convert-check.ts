/** Whether what was converted routes as the Ingresses do: requests that it treats differently. */

import { isDeepStrictEqual } from '../../base/node-util.ts';
import type { Finding } from '../../config/finding.ts';
import { findingCode, severityOf } from '../../config/finding-code.ts';
import { ResourceLoader } from '../../config/parse/load.ts';
import type { ProxySettings } from '../../config/proxy-settings.ts';
import type { ResourceSet } from '../../config/resource-set.ts';
import { translateMesh } from '../../config/translate/mesh.ts';
import { applyConverted, withAssumedServices } from '../../convert/apply-converted.ts';
import {
  comparableMesh,
  type Leniency,
  SubsetNames,
  strict,
} from '../../convert/comparable-mesh.ts';
import type { Loss } from '../../convert/conversion-losses.ts';
import type { Converted } from '../../convert/convert.ts';
import { leniencyFor, methodField } from '../../convert/leniency-for.ts';
import { compareMeshes } from '../../diff/compare-meshes.ts';
import type { Region } from '../../diff/difference.ts';
import type { Mesh } from '../../model/mesh.ts';
import { readPlace } from '../../model/origin.ts';
import { exampleText } from '../diff/diff-text.ts';

/** `text` is what was converted, as it is printed. */
export function checkConversion(
  written: ResourceSet,
  settings: ProxySettings,
  { made, losses, text }: Pick<Converted, 'made' | 'losses'> & { readonly text: string },
): Finding[] {
  const { resources, findings } = new ResourceLoader().load([{ path: 'converted', text }]);
  const whole = withAssumedServices(written, made);
  const [before, after] = [whole, applyConverted(whole, resources)].map(
    (one) => translateMesh(one, settings).mesh,
  ) as [Mesh, Mesh];
  const compare = (leniency: Leniency) => {
    const subsets = new SubsetNames();
    return compareMeshes(
      comparableMesh(before, subsets, leniency),
      comparableMesh(after, subsets, leniency),
    );
  };
  const lossesOf = ({ old }: Region) =>
    losses.filter(({ routes }) => routes.has(old.route?.place ?? ''));
  // What is told of some routes goes for these alone: the others are compared strictly.
  const compared = levels(losses).map((leniency) => ({ leniency, ...compare(leniency) }));
  const differing = compared.flatMap(({ leniency, regions }) =>
    regions
      .filter((region) => isDeepStrictEqual(leniencyFor(lossesOf(region)), leniency))
      .flatMap((region) => differenceFinding(region, lossesOf(region)) ?? []),
  );
  const notes = new Set(compared.flatMap((one) => one.notes));
  const unsure = [...notes].map((note) => plainFinding(`it was not compared in full: ${note}`));
  // What is printed must be right, whatever is in an Ingress.
  const wrong = findings.filter(({ severity }) => severity === 'error');
  return [...wrong, ...differing, ...unsure];
}

/** Each of those by which some routes must be compared. */
function levels(losses: readonly Loss[]): Leniency[] {
  const byRoute = new Map<string, Loss[]>();
  for (const loss of losses) {
    for (const route of loss.routes) {
      const known = byRoute.get(route);
      if (known === undefined) byRoute.set(route, [loss]);
      else known.push(loss);
    }
  }
  const all = [strict, ...[...byRoute.values()].map(leniencyFor)];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** A Service that is missing is told of the Ingress. */
const untold = 'status without cluster';

function differenceFinding(region: Region, losses: readonly Loss[]): Finding | null {
  const told = new Set(losses.flatMap(({ fields }) => fields));
  if (told.has(methodField(region.example.method))) return null;
  const differences = region.differences.filter(({ field }) => {
    const [name = ''] = field.split(' of ');
    return name !== untold && !told.has(name) && !told.has(field);
  });
  if (differences.length === 0) return null;
  const { file, line } = readPlace(region.old.route?.place ?? region.new.route?.place ?? '');
  const [what, ...others] = differences.map(
    ({ field, old, new: now }) => `${field} ${old}, now ${now}`,
  );
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return {
    ...plainFinding(`${exampleText(region.example)} is treated differently: ${what}${more}`),
    file,
    line,
    column: line === 0 ? 0 : 1,
  };
}

function plainFinding(message: string): Finding {
  const code = findingCode.convertedDifferently;
  const place = { file: '', line: 0, column: 0, path: '', resource: '' };
  return { code, severity: severityOf[code], message, hint: null, ...place };
}
