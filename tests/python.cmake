# Tests written in Python: they run build/spiral in scratch folders.

# Sets result to a Python that can import every module named after it, the system's own first, or to nothing.
function(find_python result)
  if(SPIRAL_PYTHON)
    set(candidates ${SPIRAL_PYTHON})
  else()
    set(candidates /usr/bin/python3 python3)
  endif()
  string(REPLACE ";" ", " modules "${ARGN}")
  foreach(candidate ${candidates})
    execute_process(COMMAND ${candidate} -c "import sys, ${modules}; sys.exit(sys.version_info < (3, 8))"
                    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(NOT failed)
      set(${result} ${candidate} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${result} "" PARENT_SCOPE)
endfunction()

set(SPIRAL_PYTHON "" CACHE FILEPATH "The Python that runs the tests; empty: one is looked for")

# One test: a script in the unittest way, which names its tests (-v) so that scripts/test can tell which were skipped. They are
# long, so ctest starts them early.
function(spiral_python_test name python script)
  add_test(NAME ${name} COMMAND ${python} -B ${script} -v)
  set_tests_properties(${name} PROPERTIES COST 100 ENVIRONMENT "SPIRAL=$<TARGET_FILE:spiral_cli>")
endfunction()
