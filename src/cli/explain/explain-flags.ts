/** Flags of `sluice explain`, and what they mean together. */

import type { Side } from '../../explain/asked-client.ts';
import type { ConfigFlags } from '../options/config-options.ts';

export interface ExplainFlags extends ConfigFlags {
  readonly header?: readonly string[];
  readonly sourceLabels?: string;
  readonly gateway?: string;
  readonly mesh?: true;
  readonly listener?: string;
  readonly sni?: string;
  readonly client?: string;
  /** Path; false: `--no-client-cert`. */
  readonly clientCert?: string | false;
  /** `host:port`. */
  readonly tcp?: string;
  readonly output: 'text' | 'json';
  readonly admin?: string;
}

/** Which listeners count. Labels of a sender are those of a workload in the mesh. */
export function sideOf({ gateway, mesh, sourceLabels }: ExplainFlags): Side {
  if (gateway !== undefined) return { kind: 'gateway', name: gateway };
  return { kind: mesh === true || sourceLabels !== undefined ? 'mesh' : 'any' };
}
