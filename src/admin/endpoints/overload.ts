/** /overload: how short the process is of what, and what it does about it. */

import type { Sample } from '../../telemetry/metrics/sample.ts';
import { type AdminEndpoint, json } from '../admin-endpoint.ts';

const pressureName = /^overload\.(.+)\.pressure$/;
const scaleName = /^overload\.(.+)\.scale_percent$/;

export const overload: AdminEndpoint = {
  path: '/overload',
  mutation: false,
  tellsCounts: true,
  help: 'print the pressure on each resource, and the actions that are on, in percent',
  parameters: [],
  handle: (_request, state) => {
    const samples = state.metrics.samples();
    return json({
      resources: named(samples, pressureName).map(([name, pressure]) => ({ name, pressure })),
      actions: named(samples, scaleName).map(([name, scale]) => ({
        ...{ name, active: scale > 0, scale },
      })),
    });
  },
};

/** With what a name begins, and the value of the sample. */
function named(samples: readonly Sample[], pattern: RegExp): (readonly [string, number])[] {
  return samples.flatMap(({ name, value }) => {
    const found = pattern.exec(name)?.[1];
    return found === undefined ? [] : [[found, value] as const];
  });
}
