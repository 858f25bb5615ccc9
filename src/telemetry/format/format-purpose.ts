/** What a format string is for, which decides how missing values and credentials are shown. */

export type FormatPurpose =
  /** Values that are not known are empty. */
  | 'header-value'
  /** Values that are not known are `-`, and credentials are not shown. */
  | 'access-log'
  /** Values that are not known are empty, and credentials are not shown. */
  | 'span-tag';

/** It is read by more people than the request was meant for. */
export function hidesCredentials(purpose: FormatPurpose): boolean {
  return purpose !== 'header-value';
}
