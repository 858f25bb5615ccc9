# Counts the tests of TAP output and prints `N passed, N failed[, N skipped]`; fails on a failure.
#
# A test is a point indented once: a `t.test` block, or an assertion outside of any. A file that
# failed without a failing test in it (it crashed, timed out, or ran nothing) counts as one failure.

/^    (not )?ok [0-9]+/ {
  if ($0 ~ /# (SKIP|TODO)/) skipped++
  else if ($1 == "ok") passed++
  else { failed++; failedInFile++ }
}

/^(not )?ok [0-9]+/ {
  if ($1 == "not" && failedInFile == 0) failed++
  else if ($0 ~ /# SKIP/) skipped++
  failedInFile = 0
}

END {
  if (passed + failed == 0) failed = 1
  line = (passed + 0) " passed, " (failed + 0) " failed"
  if (skipped) line = line ", " skipped " skipped"
  print line
  exit failed ? 1 : 0
}
