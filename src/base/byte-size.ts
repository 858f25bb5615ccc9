/** Sizes as configuration writes them: `4096`, `64Ki`, `1.5Mi`, `1M` (Kubernetes quantities). */

const form = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?$/;

const unitBytes: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** Whole bytes, rounded up; null where the text is no size. */
export function parseByteSize(text: string): number | null {
  const [, amount, unit] = form.exec(text) ?? [];
  if (amount === undefined) return null;
  return Math.ceil(Number(amount) * (unit === undefined ? 1 : (unitBytes[unit] ?? 1)));
}
