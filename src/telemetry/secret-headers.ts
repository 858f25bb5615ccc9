/** Headers that carry credentials. An access log shows that they were there, and no more. */

export const secretHeaders: readonly string[] = [
  ...['authorization', 'proxy-authorization', 'cookie', 'set-cookie'],
];

export const redacted = '<redacted>';
