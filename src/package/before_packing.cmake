# Run by CPack on the installed files before they are packed: what Debian's policy asks of a package, and one time for all
# files, so that the same commit gives the same bytes.
function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${CPACK_TEMPORARY_DIRECTORY} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(CPACK_GENERATOR STREQUAL "DEB")
  set(documents ${CPACK_TEMPORARY_DIRECTORY}/usr/share/doc/spiral)
  file(COPY ${CPACK_SPIRAL_SOURCE}/src/package/copyright DESTINATION ${documents})
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH, if it is there
  file(WRITE ${documents}/changelog "spiral (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium\n\n"
       "  * What is new is in CHANGELOG.md.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  file(GLOB pages ${CPACK_TEMPORARY_DIRECTORY}/usr/share/man/man1/*.1)
  run(gzip -9n ${documents}/changelog ${pages})
endif()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  run(find . -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +)
endif()
