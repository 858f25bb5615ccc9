/** Mode of TLS that ends at a listener, which an option of the listener may change. */

import type { GatewayApiListener } from '../../schema/gateway-api/gateway.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { Mistake } from './conditions.ts';

/** Istio's way to say more of TLS than the Gateway API has words for. */
const terminateModeOption = 'gateway.istio.io/tls-terminate-mode';
const terminateModes = ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL', 'ISTIO_MUTUAL'] as const;

/** Mode of TLS that ends at the listener, in Istio's words. */
export function terminateMode({ tls }: GatewayApiListener): (typeof terminateModes)[number] {
  const asked = tls?.options?.[terminateModeOption];
  return terminateModes.find((mode) => mode === asked) ?? 'SIMPLE';
}

/** A mode that is none must not let everybody in who was to show a certificate. */
export function terminateModeMistake({ tls }: GatewayApiListener): Mistake | null {
  const asked = tls?.options?.[terminateModeOption];
  if (asked === undefined || terminateModes.some((mode) => mode === asked)) return null;
  const near = nearestName(asked, terminateModes);
  return {
    reason: 'UnsupportedValue',
    message: `"${asked}" is no mode of the option ${terminateModeOption}`,
    hint: near === null ? `the modes are ${terminateModes.join(', ')}` : `did you mean "${near}"?`,
  };
}
