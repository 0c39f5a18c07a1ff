# shellcheck shell=bash
# A long job in parts, each of which is run whatever became of those before; at the end a table of what they took. Sourced by
# scripts/test.
#
#   parts_start FOLDER [STATE]     the folder for what the parts leave: NAME.log and the like. If it was started with the same
#                                  STATE before, the parts that are not run again keep theirs. Otherwise it starts empty, and
#                                  what it held is in FOLDER.before
#   part NAME 'TITLE' FUNCTION...  runs FUNCTION... with set -e, in a subshell, where $parts_current is NAME
#   parts_table                    prints a line a part: its time, the processors' time, what came of it
#   parts_seconds                  prints what they took in all
#   parts_failed                   did any fail?

parts_start() {
    local state=${2-}
    parts_folder=$1
    if [ -z "$state" ] || [ "$(cat "$parts_folder/state" 2>/dev/null)" != "$state" ]; then
        if [ -e "$parts_folder" ]; then
            rm -rf "$parts_folder.before"
            mv -- "$parts_folder" "$parts_folder.before"
            echo "== The results so far may be of other sources: they are in $parts_folder.before"
        fi
        mkdir -p "$parts_folder"
        printf '%s\n' "$state" >"$parts_folder/state"
    fi
}

part() {
    # shellcheck disable=SC2034 # parts_current is for FUNCTION
    local parts_current=$1 title=$2 mine=$parts_folder/$1 codes errexit=no result=passed TIMEFORMAT='%R %U %S'
    shift 2
    rm -f "$mine".*
    echo "== $title"
    case $- in *e*) errexit=yes ;; esac
    set +e # a subshell in a condition would never leave at an error
    {
        time (set -e; "$@") 2>&1 | tee "$mine.log"
        codes=("${PIPESTATUS[@]}")
    } 2>"$mine.times"
    [ $errexit = no ] || set -e
    if [ "${codes[0]}" -ne 0 ]; then
        echo "== FAILED: $title"
        result=FAILED
    fi
    # It stands here at the end alone: a part that was interrupted has no result.
    printf '%s\n%s\n%s\n' "$title" "$(tail -n 1 "$mine.times")" $result >"$mine.result"
}

# Calls COMMAND with the title, the seconds, those of a core and the result of each part, in the order in which they ended.
parts_each() {
    local file title wall user system result
    while IFS= read -r file; do
        { IFS= read -r title; read -r wall user system; read -r result; } <"$file"
        "$@" "$title" "$wall" "$(awk -v a="$user" -v b="$system" 'BEGIN { print a + b }')" "$result"
    done < <(find "$parts_folder" -name '*.result' -printf '%T@ %p\n' | sort -n | cut -d ' ' -f 2-)
}

parts_table() {
    printf '%-62s %9s %9s  %s\n' part seconds 'of a core' result
    parts_each printf '%-62s %9.0f %9.0f  %s\n'
}

parts_seconds() {
    parts_each printf '%s\t%s\t%s\t%s\n' | awk -F '\t' '{ sum += $2 } END { printf "%.0f\n", sum }'
}

parts_failed() {
    grep -qsx FAILED "$parts_folder"/*.result
}
