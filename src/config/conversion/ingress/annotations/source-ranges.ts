/** whitelist-source-range and denylist-source-range: from where requests may come. */

import type { RouteExtension } from '../../../schema/route-extension.ts';
import type { AnnotationReader } from './annotation-reader.ts';

const nobody = 'nobody is let in';

/** A list that cannot be read lets nobody in, as the controller does. */
export function readSourceRanges(reader: AnnotationReader): Pick<RouteExtension, 'sourceIps'> {
  const allowName = reader.nameOf(['allowlist-source-range', 'whitelist-source-range']);
  const denyName = reader.nameOf(['denylist-source-range']);
  if (allowName === null && denyName === null) return {};
  const allow = allowName === null ? null : reader.addressRanges(allowName, nobody);
  const deny = denyName === null ? [] : reader.addressRanges(denyName, nobody);
  const isUnreadable = deny === null || (allowName !== null && allow === null);
  return { sourceIps: { deny: deny ?? [], allow: isUnreadable ? [] : allow } };
}
