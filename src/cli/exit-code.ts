/** Exit codes of all commands. */
export const exitCode = {
  /** Done, and nothing was found. */
  ok: 0,
  /** Findings, failed tests, or a configuration that was refused. */
  failure: 1,
  /** The command line was wrong; for `diff` also: there is nothing to compare. */
  usage: 2,
  /** A mistake of sluice itself: `EX_SOFTWARE` of sysexits.h, which no script takes for an answer. */
  defect: 70,
} as const;
