/** All that the annotations of one Ingress ask for. */

import type { CorsPolicy } from '../../../schema/cors-policy.ts';
import type { RouteExtension } from '../../../schema/route-extension.ts';
import type { TranslationFindings } from '../../../translate/translation-findings.ts';
import type { Ingress } from '../ingress-rule.ts';
import { AnnotationReader } from './annotation-reader.ts';
import { readBodySize } from './body-size.ts';
import { type Canary, readCanary } from './canary.ts';
import { checkNames } from './check-names.ts';
import { readCors } from './cors.ts';
import { type ErrorPages, readErrorPages } from './error-pages.ts';
import { readLimits } from './limits.ts';
import { type MirrorTarget, readMirrorTarget } from './mirror-target.ts';
import { type Redirects, readRedirects } from './redirects.ts';
import { type Retries, readRetries } from './retries.ts';
import { readRewriteTarget } from './rewrite.ts';
import { readServerAliases } from './server-alias.ts';
import { readSourceRanges } from './source-ranges.ts';
import { readUpstreamHeaders, type UpstreamHeaders } from './upstream-headers.ts';
import { readUpstreamPolicy, type UpstreamPolicy } from './upstream-policy.ts';

export interface IngressOptions {
  readonly reader: AnnotationReader;
  /** null: the Ingress stands for itself. */
  readonly canary: Canary | null;
  readonly usesRegex: boolean;
  readonly rewriteTarget: string | null;
  readonly redirects: Redirects;
  readonly aliases: readonly string[];
  readonly headers: UpstreamHeaders;
  readonly cors: CorsPolicy | null;
  readonly retries: Retries | null;
  readonly upstream: UpstreamPolicy;
  readonly errorPages: ErrorPages | null;
  readonly mirror: MirrorTarget | null;
  /** Limits that every rule of the Ingress has. */
  readonly extension: Partial<RouteExtension>;
}

export function readOptions(ingress: Ingress, findings: TranslationFindings): IngressOptions {
  const reader = new AnnotationReader(ingress, findings);
  checkNames(reader);
  return {
    reader,
    canary: readCanary(reader),
    usesRegex: reader.flag('use-regex', false),
    rewriteTarget: readRewriteTarget(reader),
    redirects: readRedirects(reader),
    aliases: readServerAliases(reader),
    headers: readUpstreamHeaders(reader),
    cors: readCors(reader),
    retries: readRetries(reader),
    upstream: readUpstreamPolicy(reader),
    errorPages: readErrorPages(reader),
    mirror: readMirrorTarget(reader),
    extension: {
      ...readLimits(reader),
      ...readSourceRanges(reader),
      ...readBodySize(reader),
      ...readPauses(reader),
    },
  };
}

/** How long the endpoint may pause. */
function readPauses(
  reader: AnnotationReader,
): Pick<RouteExtension, 'idleTimeoutMs' | 'sendTimeoutMs'> {
  const read = reader.integer('proxy-read-timeout', { min: 1 });
  const send = reader.integer('proxy-send-timeout', { min: 1 });
  return {
    ...(read === null ? {} : { idleTimeoutMs: read * 1000 }),
    ...(send === null ? {} : { sendTimeoutMs: send * 1000 }),
  };
}
