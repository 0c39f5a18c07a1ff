# shellcheck shell=bash
# Sets root to the checkout's folder, whatever its name is. Sourced by the scripts beside this folder (bash), before anything else.
#
#   spiral_folder_check SCRIPT   can the checkout be built where it is? Otherwise says why not, and fails

unset CDPATH # with it cd may go elsewhere, and prints where
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd && printf .)
root=${root%$'\n.'} # the newline of pwd alone: a name may end with one

spiral_folder_check() {
    [[ $root == *[[:cntrl:]\;:\"\\\|]* || $root == *\$\(* ]] || return 0
    LC_ALL=C printf '%s: CMake and make cannot build in %q: move the checkout to a folder whose name has no control character, %s\n' \
        "$1" "$root" "no ; : \" | \\ and no \$(" >&2
    return 1
}
