# shellcheck shell=bash
# Names and paths in what a script prints: they must not control the terminal.

# shown TEXT: the text with a ? for what the locale can't print (control characters, bytes that are not text) and for the
# marks of direction, which it can
shown() {
    local text=${1//[![:print:]]/?} mark
    for mark in $'\u061c' $'\u200e' $'\u200f' $'\u202a' $'\u202b' $'\u202c' $'\u202d' $'\u202e' \
        $'\u2066' $'\u2067' $'\u2068' $'\u2069'; do
        text=${text//"$mark"/?}
    done
    printf '%s\n' "$text"
}
