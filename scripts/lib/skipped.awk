# Reads what ctest keeps of its last run (Testing/Temporary/LastTest.log) and prints a line for every test in it, those that a Python
# script has in it apart: "ran NAME" or "skipped NAME (why)". Python's tests are run with -v for it.
function finish() {
    if (name != "" && why != "")
        print "skipped " name " (" why ")"
    else if (name != "" && !inner)
        print "ran " name
    name = ""
}
/^[0-9]+\/[0-9]+ Test: / {
    finish()
    name = $0
    sub(/^[0-9]+\/[0-9]+ Test: /, "", name)
    why = last = said = ""
    inner = 0
    next
}
name == "" { next }
/^test_[A-Za-z0-9_]* \(/ { last = $1 } # its result may stand in this line, or behind its docstring in the next
/ \.\.\. skipped / {
    reason = $0
    sub(/^.* \.\.\. skipped ./, "", reason)
    sub(/.$/, "", reason)
    print "skipped " name ": " last " (" reason ")"
    inner = 1
    next
}
last != "" && / \.\.\. (ok|FAIL|ERROR|expected failure)$/ { print "ran " name ": " last; inner = 1; next }
/^Test (Skipped|Not Run)\./ { why = said != "" ? said : "it did not say why"; next }
/^skipped: / { said = substr($0, 10) }
/ was not found/ { said = $0 }
END { finish() }
