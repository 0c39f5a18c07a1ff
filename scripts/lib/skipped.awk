# Reads what ctest keeps of its last run (Testing/Temporary/LastTest.log) and prints a line for every test in it: "ran NAME" or
# "skipped NAME (why)". The tests that a Python script has in it stand apart, as NAME: TEST, and so do those of a program with
# cmocka. Python's tests are run with -v for it. Everything else prints "skipped: why" before it calls cmocka's skip(), or exits with
# the code of a skipped test: ctest itself writes "Test Passed." then.
function finish() {
    if (name != "" && !inner)
        print said != "" ? "skipped " name " (" said ")" : "ran " name
    name = ""
}
/^[0-9]+\/[0-9]+ Test: / {
    finish()
    name = $0
    sub(/^[0-9]+\/[0-9]+ Test: /, "", name)
    last = said = ""
    inner = cmocka = 0
    next
}
name == "" { next }
/^test_[A-Za-z0-9_]* \(/ { last = $1 } # its result may stand in this line, behind its docstring in the next, or below what it prints
/ \.\.\. skipped / {
    reason = $0
    sub(/^.* \.\.\. skipped ./, "", reason)
    sub(/.$/, "", reason)
    print "skipped " name (last != "" ? ": " last : "") " (" reason ")" # a whole class is skipped before its first test
    inner = 1
    next
}
last != "" && /(^| \.\.\. )(ok|FAIL|ERROR|expected failure)$/ { print "ran " name ": " last; inner = 1; next }
/^\[=+\] .*Running [0-9]+ test/ { cmocka = 1; next }
/^\[=+\] .* run\.$/ { cmocka = 0; next } # a summary follows, in which some are named again
cmocka && /^\[ +(OK|FAILED) +\] / { print "ran " name ": " $NF; inner = 1; next }
cmocka && /^\[ +SKIPPED +\] / {
    print "skipped " name ": " $NF " (" (said != "" ? said : "it did not say why") ")"
    said = ""
    inner = 1
    next
}
/^skipped: / { said = substr($0, 10) }
/^Test (Skipped|Not Run)\./ && said == "" { said = "it did not say why" }
END { finish() }
