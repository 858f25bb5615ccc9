/**
 * Bootstrap: those parts of MeshConfig that Istio validates. Addresses and limits are checked where
 * they are merged with the flags, in `settings/`.
 */

import type { Problems } from '../problem.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import { checkBootstrapTracing, checkExtensionProviders } from './extension-providers.ts';
import { checkFormat, checkJsonFormat } from './format.ts';
import { checkAsciiText } from './head-text.ts';
import { checkHealthChecks } from './health-check.ts';
import { checkLocality } from './load-balancer.ts';
import { checkRetries } from './retries.ts';
import { checkCustomTags } from './telemetry.ts';
import { checkDuration, checkPercent } from './values.ts';

export function checkBootstrap(spec: BootstrapSpec, problems: Problems): void {
  const { defaultHttpRetryPolicy, connectTimeout, localityLbSetting } = spec.meshConfig ?? {};
  const path = ['spec', 'meshConfig'];
  const server = spec.meshConfig?.defaultConfig?.proxyHeaders?.server?.value;
  const serverPath = [...path, 'defaultConfig', 'proxyHeaders', 'server', 'value'];
  checkAsciiText(server, serverPath, problems);
  checkDuration(connectTimeout, [...path, 'connectTimeout'], problems);
  checkTracing(spec, problems);
  checkAccessLog(spec, problems);
  checkHealthChecks(spec.healthChecks ?? [], ['spec', 'healthChecks'], problems);
  if (defaultHttpRetryPolicy !== undefined) {
    checkRetries(defaultHttpRetryPolicy, [...path, 'defaultHttpRetryPolicy'], problems);
  }
  if (localityLbSetting !== undefined) {
    const context = { path: [...path, 'localityLbSetting'], hasOutlierDetection: true };
    checkLocality(localityLbSetting, context, problems);
  }
}

function checkAccessLog({ accessLog, meshConfig = {} }: BootstrapSpec, problems: Problems): void {
  const { format } = accessLog ?? {};
  if (format !== 'json' && format !== 'text') {
    checkFormat(format, ['spec', 'accessLog', 'format'], problems);
  }
  const { accessLogFormat = '', accessLogEncoding } = meshConfig;
  const path = ['spec', 'meshConfig', 'accessLogFormat'];
  if (accessLogFormat === '') return;
  if (accessLogEncoding === 'JSON') checkJsonFormat(accessLogFormat, path, problems);
  else checkFormat(accessLogFormat, path, problems);
}

function checkTracing({ tracing, meshConfig = {} }: BootstrapSpec, problems: Problems): void {
  const path = ['spec', 'meshConfig'];
  const { extensionProviders = [], defaultConfig } = meshConfig;
  checkBootstrapTracing(tracing, ['spec', 'tracing'], problems);
  checkExtensionProviders(extensionProviders, [...path, 'extensionProviders'], problems);
  const proxyTracing = [...path, 'defaultConfig', 'tracing'];
  checkPercent(defaultConfig?.tracing?.sampling, [...proxyTracing, 'sampling'], problems);
  checkCustomTags(defaultConfig?.tracing?.customTags, [...proxyTracing, 'customTags'], problems);
}
