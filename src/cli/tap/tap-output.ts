/** Where the lines of `sluice tap` go: JSON for programs, a table without an end for people. */

import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import type { RequestRecord } from '../../telemetry/traffic/request-record.ts';
import { painter, usesColor } from '../output/color.ts';
import { tapHeader, tapLine } from './tap-line.ts';

export interface TapOutput {
  /** Resolves when there is room for the next one. */
  write(record: RequestRecord, signal: AbortSignal): Promise<void>;
}

export function jsonTapOutput(output: WriteStream): TapOutput {
  return {
    write: (record, signal) => writeText(output, `${JSON.stringify(record)}\n`, signal),
  };
}

/** On a terminal the titles come again as soon as they have left the screen. */
export function textTapOutput(output: WriteStream): TapOutput {
  const color = usesColor();
  const paint = painter(color);
  let linesBelowTitles = 0;
  const titles = (): string => {
    linesBelowTitles = 0;
    return `${paint('bold', tapHeader().slice(0, widthOf(output)))}\n`;
  };
  output.write(titles());
  return {
    write: (record, signal) => {
      const needed = output.isTTY && linesBelowTitles >= output.rows - 2 ? titles() : '';
      linesBelowTitles++;
      return writeText(output, `${needed}${tapLine(record, paint, widthOf(output))}\n`, signal);
    },
  };
}

/** A file or a program gets whole lines. */
function widthOf(output: WriteStream): number {
  return output.isTTY ? output.columns : Number.POSITIVE_INFINITY;
}

async function writeText(output: WriteStream, text: string, signal: AbortSignal): Promise<void> {
  if (output.write(text)) return;
  // Interrupted, it is of no interest whether there is room again.
  await once(output, 'drain', { signal }).catch(() => undefined);
}
