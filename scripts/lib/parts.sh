# shellcheck shell=bash
# A long job in parts, each of which is run whatever became of those before; at the end a table of what they took. Sourced by
# scripts/test.
#
#   parts_start FOLDER             the folder for the parts' logs (NAME.log), emptied
#   part NAME 'TITLE' FUNCTION...  runs FUNCTION... with set -e, in a subshell
#   parts_table                    prints a line a part: its time, the processors' time, what came of it
#   parts_failed                   did any fail?

parts_start() {
    parts_folder=$1 parts=() parts_wrong=()
    rm -rf "$parts_folder"
    mkdir -p "$parts_folder"
}

part() {
    local name=$1 title=$2 log=$parts_folder/$1.log times=$parts_folder/$1.times codes errexit=no TIMEFORMAT='%R %U %S'
    shift 2
    echo "== $title"
    case $- in *e*) errexit=yes ;; esac
    set +e # a subshell in a condition would never leave at an error
    {
        time (set -e; "$@") 2>&1 | tee "$log"
        codes=("${PIPESTATUS[@]}")
    } 2>"$times"
    [ $errexit = no ] || set -e
    parts+=("$name")
    printf '%s\n' "$title" >"$parts_folder/$name.title"
    if [ "${codes[0]}" -ne 0 ]; then
        echo "== FAILED: $title"
        parts_wrong+=("$name")
    fi
}

parts_table() {
    local name result wall user system
    printf '%-62s %9s %9s  %s\n' part seconds 'of a core' result
    for name in "${parts[@]}"; do
        result=passed
        [[ " ${parts_wrong[*]} " != *" $name "* ]] || result=FAILED
        read -r wall user system < <(tail -n 1 "$parts_folder/$name.times")
        printf '%-62s %9.0f %9.0f  %s\n' "$(cat "$parts_folder/$name.title")" "$wall" \
            "$(awk -v a="$user" -v b="$system" 'BEGIN { print a + b }')" "$result"
    done
}

parts_failed() {
    [ ${#parts_wrong[@]} -gt 0 ]
}
