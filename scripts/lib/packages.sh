# shellcheck shell=bash
# What has to be installed, and the one place where it is installed. Sourced by the scripts beside this folder (bash).
#
#   spiral_packages_install build        what the program is built from
#   spiral_packages_install build test   what its tests need as well
#   spiral_packages_install package      what its Debian package is made with
#   spiral_packages_install build mpi    what ranks need (-DSPIRAL_MPI=ON)
#   spiral_packages_install build fuzz   what fuzzing needs
#   spiral_packages_install build bench  what it is measured beside
#   spiral_packages_install browser      what opens the HTML pages
#   spiral_packages_install cluster      what hands sweeps to several machines
#   spiral_packages_install latex        what compiles what explain writes; without it lines stay uncovered
#   spiral_packages_install deep         what scripts/test --deep needs
#   spiral_packages_install chroot       what makes a fresh Debian in a folder (scripts/test --on)
#   spiral_packages_install complete     without which some tests are skipped

# The Debian and Ubuntu packages of a job, one a line.
spiral_packages_of() {
    case $1 in
        build) printf '%s\n' gcc cmake make pkg-config libopenblas-dev libstb-dev libzip-dev zlib1g-dev libcjson-dev \
            fonts-dejavu-core ;;
        test) printf '%s\n' clang clang-format libcmocka-dev python3 python3-numpy pngcheck librsvg2-bin jq mandoc cmark-gfm locales \
            shellcheck tmux zsh fish git g++ ;;
        package) printf '%s\n' dpkg-dev file ;;
        fuzz) printf '%s\n' clang libclang-rt-dev ;;
        mpi) printf '%s\n' libopenmpi-dev openmpi-bin ;;
        browser) printf '%s\n' chromium ;;
        bench) printf '%s\n' python3 python3-numpy python3-torch python3-sklearn python3-pandas python3-matplotlib \
            parallel ;;
        deep) printf '%s\n' valgrind libblas-dev ;;
        chroot) printf '%s\n' debootstrap ;;
        latex) printf '%s\n' texlive-latex-base texlive-latex-recommended ;;
        complete) printf '%s\n' python3-torch python3-sklearn python3-pandas python3-matplotlib python3-yaml r-cran-data.table \
            ffmpeg groff lintian nodejs node-katex pandoc && spiral_packages_of latex && spiral_packages_of package ;;
        cluster) printf '%s\n' slurm-wlm munge parallel ;;
        *) echo "spiral_packages_of: no job is called '$1'" >&2; return 2 ;;
    esac
}

# Those of the jobs' packages that are not installed, one a line. Something that is installed under another name (pkgconf
# provides pkg-config) counts: what dpkg calls provided is looked at as well.
spiral_packages_missing() {
    local job package wanted=() installed
    for job in "$@"; do
        mapfile -t -O "${#wanted[@]}" wanted < <(spiral_packages_of "$job")
    done
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' |
        tr -s ', ' '\n' | sed 's/:.*//')
    for package in "${wanted[@]}"; do
        grep -qxF -e "$package" <<<"$installed" || printf '%s\n' "$package"
    done
}

# Installs what is missing of the jobs' packages. Needs no root, and does nothing, when nothing is missing.
spiral_packages_install() {
    local job missing as_root=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        spiral_packages_without_apt "$@"
        return
    fi
    mapfile -t missing < <(spiral_packages_missing "$@")
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            printf 'These packages are missing, and installing them takes root:\n  apt-get install %s\n' "${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}"
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
    # A list of packages that is absent or too old shows in a failed install: only then is it fetched.
    "${as_root[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null 2>&1 && return
    "${as_root[@]}" update </dev/null >/dev/null &&
        "${as_root[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null && return
    echo "apt-get could not install: ${missing[*]}" >&2
    return 1
}

# Without apt: goes on when what the build looks for is there, and otherwise says what to install.
spiral_packages_without_apt() {
    local job tool library missing=()
    for tool in cmake make pkg-config; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    command -v "${CC:-cc}" >/dev/null || missing+=("a C compiler")
    for library in openblas libzip zlib libcjson; do
        pkg-config --exists "$library" 2>/dev/null || missing+=("$library")
    done
    [ ${#missing[@]} -eq 0 ] && return
    {
        printf 'This system has no apt-get, so nothing can be installed for you. Not found:\n'
        printf '  %s\n' "${missing[@]}"
        printf 'What is needed, by the names of the Debian packages:\n'
        for job in "$@"; do
            printf '  to %-5s  %s\n' "$job" "$(spiral_packages_of "$job" | paste -sd ' ')"
        done
    } >&2
    return 1
}
