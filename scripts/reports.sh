# Counting what JUnit reports say. For sourcing.

# count_reports MARKER: one line with the numbers of all reports that are newer than the file MARKER, and one more with
# those of the virtual machine, which are among them.
count_reports() {
  find . -path '*/target/surefire-reports/TEST-*.xml' -newer "$1" -print0 | xargs -0 -r awk '
    function number(name) {
      if (!match($0, " " name "=\"[0-9]+\"")) return 0
      return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
    }
    FNR == 1 { open = 1 }
    # Attributes of the first element alone; surefire breaks its line in no report.
    open && /<testsuite[ >]/ {
      open = 0
      vm = FILENAME ~ /TEST-vm\./
      tests += number("tests"); failed += number("failures") + number("errors"); skipped += number("skipped")
      if (vm) { vmtests += number("tests"); vmfailed += number("failures") + number("errors"); vmskipped += number("skipped") }
    }
    END {
      printf "tests: %d run, %d failed, %d skipped", tests, failed, skipped
      if (vmtests) printf " (of these in the virtual machine: %d run, %d failed, %d skipped)", vmtests, vmfailed, vmskipped
      print ""
    }'
}
