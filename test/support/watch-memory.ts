/** How much memory a proxy takes beyond what it has now, by what is seen in between. */

import type { EdgeProxy } from './edge-proxy.ts';

export function watchMemory(edge: EdgeProxy): { look(): void; growth(): number } {
  const before = edge.proxy.residentBytes();
  let most = before;
  return {
    look: () => {
      most = Math.max(most, edge.proxy.residentBytes());
    },
    growth: () => most - before,
  };
}
