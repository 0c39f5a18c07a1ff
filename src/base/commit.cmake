# Writes HEADER, which defines SPIRAL_COMMIT: what `git describe` says of the checkout at SOURCE, or "" when it is none (a release's
# tarball). Run at every build; the file keeps its time when nothing has changed, so that nothing is compiled again. All of it is
# from the checkout: the same commit builds the same program.
set(commit "")
if(EXISTS ${SOURCE}/.git)
  # The checkout's own .git, whatever the environment says (a hook's GIT_DIR), and without a lock on its index.
  set(ENV{GIT_OPTIONAL_LOCKS} 0)
  execute_process(COMMAND git --git-dir=${SOURCE}/.git --work-tree=${SOURCE} describe --always --tags --dirty --abbrev=7
                  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(text "#define SPIRAL_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS ${HEADER})
  file(READ ${HEADER} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${HEADER} "${text}")
endif()
