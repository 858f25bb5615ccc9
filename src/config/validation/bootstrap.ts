/**
 * Bootstrap: those parts of MeshConfig that Istio validates. Addresses and limits are checked where
 * they are merged with the flags, in `settings/`.
 */

import type { Problems } from '../problem.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import { checkAsciiText } from './head-text.ts';
import { checkHealthChecks } from './health-check.ts';
import { checkLocality } from './load-balancer.ts';
import { checkRetries } from './retries.ts';
import { checkDuration } from './values.ts';

export function checkBootstrap(spec: BootstrapSpec, problems: Problems): void {
  const { defaultHttpRetryPolicy, connectTimeout, localityLbSetting } = spec.meshConfig ?? {};
  const path = ['spec', 'meshConfig'];
  const server = spec.meshConfig?.defaultConfig?.proxyHeaders?.server?.value;
  const serverPath = [...path, 'defaultConfig', 'proxyHeaders', 'server', 'value'];
  checkAsciiText(server, serverPath, problems);
  checkDuration(connectTimeout, [...path, 'connectTimeout'], problems);
  checkHealthChecks(spec.healthChecks ?? [], ['spec', 'healthChecks'], problems);
  if (defaultHttpRetryPolicy !== undefined) {
    checkRetries(defaultHttpRetryPolicy, [...path, 'defaultHttpRetryPolicy'], problems);
  }
  if (localityLbSetting !== undefined) {
    const context = { path: [...path, 'localityLbSetting'], hasOutlierDetection: true };
    checkLocality(localityLbSetting, context, problems);
  }
}
