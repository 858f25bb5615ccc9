/** Whether what goes to standard output is coloured, and how. */

/** Only for a person who looks at it, and not against their will (no-color.org). */
export function usesColor(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR;
}

export type Paint = (style: Style, text: string) => string;

const styles = {
  bold: '1',
  dim: '2',
  inverse: '7',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
} as const;
export type Style = keyof typeof styles;

/** Without colours it gives back the text. */
export function painter(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) => `\u001b[${styles[style]}m${text}\u001b[0m`;
}

/** Of an HTTP status: as bad as it is. 0 is none. */
export function statusStyle(status: number): Style {
  if (status === 0 || status >= 500) return 'red';
  if (status >= 400) return 'yellow';
  return status >= 300 ? 'cyan' : 'green';
}
