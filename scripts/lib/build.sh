# shellcheck shell=bash
# Configures and builds, and shows what the compiler says. Sourced by the scripts beside this folder (bash).

# spiral_build FOLDER COMPILER CMAKE-OPTION...
# Builds $targets (an array), everything when it is empty, in $root/FOLDER. Everything that was printed goes to
# FOLDER/spiral-build.log; warnings are shown, and with CI=true they are errors. When it fails, the log is shown, and the shell ends.
# shellcheck disable=SC2154 # root and targets are the caller's
spiral_build() {
    local folder=$root/$1 compiler=$2 log=$root/$1/spiral-build.log werror=OFF
    shift 2
    [ "${CI-}" != true ] || werror=ON
    mkdir -p "$folder"
    if ! { cmake -S "$root" -B "$folder" -DCMAKE_C_COMPILER="$compiler" -DSPIRAL_WERROR=$werror "$@" &&
        cmake --build "$folder" --parallel "$(nproc)" ${targets[@]+--target "${targets[@]}"}; } >"$log" 2>&1; then
        grep -v '^\[ *[0-9]*%\]' "$log" >&2 # all but make's progress
        echo "scripts/${0##*/}: the build in $folder failed" >&2
        exit 1
    fi
    # From a warning, or the function it is in, to the next line of make or CMake.
    awk '/^\[ *[0-9]+%\]|^-- |^make/ { shown = 0 } / warning: |: In function / { shown = 1 } shown' "$log" >&2
}
