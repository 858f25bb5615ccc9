/** Who the proxy is: namespace, labels and locality. */

import { err, ok, type Result } from '../../base/result.ts';
import { type Locality, unknownLocality } from '../../model/locality.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import { parseLocality } from '../registry/service.ts';
import { defaultNamespace } from '../resource.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import { isDnsLabel } from '../validation/labels.ts';
import { parseLabels } from './parse-address.ts';
import type { ProxyFlags } from './proxy-flags.ts';
import { choose, type SettingsErrors } from './setting.ts';

export function mergeIdentity(
  flags: ProxyFlags,
  spec: BootstrapSpec,
  errors: SettingsErrors,
): ProxyIdentity {
  const proxy = spec.proxy ?? {};
  const namespace = choose(
    { flag: 'namespace', path: ['proxy', 'namespace'] },
    { flag: flags.namespace, bootstrap: proxy.namespace, default: defaultNamespace },
  );
  const locality = choose(
    { flag: 'locality', path: ['proxy', 'locality'] },
    { flag: flags.locality, bootstrap: proxy.locality, default: '' },
  );
  const labels = mergeLabels(flags, spec, errors);
  return {
    namespace: errors.parse(namespace, parseNamespace) ?? defaultNamespace,
    labels,
    locality: errors.parse(locality, parseOwnLocality) ?? unknownLocality,
    workload: labels['app.kubernetes.io/name'] ?? labels['app'] ?? 'unknown',
  };
}

function mergeLabels(
  flags: ProxyFlags,
  spec: BootstrapSpec,
  errors: SettingsErrors,
): ProxyIdentity['labels'] {
  if (flags.labels === undefined) return spec.proxy?.labels ?? {};
  const setting = { flag: 'labels', path: [], from: 'flag', value: flags.labels } as const;
  return errors.parse(setting, parseLabels) ?? {};
}

function parseNamespace(text: string): Result<string, string> {
  return isDnsLabel(text) ? ok(text) : err(`"${text}" is not the name of a namespace`);
}

/** `region`, `region/zone` or `region/zone/subzone`; empty: none. */
function parseOwnLocality(text: string): Result<Locality, string> {
  const parts = text.split('/');
  if (text !== '' && (parts.length > 3 || parts.includes(''))) {
    return err(`"${text}" is not of the form region/zone/subzone`);
  }
  return ok(parseLocality(text));
}
