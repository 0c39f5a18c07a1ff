# cpack -G DEB and cpack -G TGZ: what cmake --install installs, as a Debian package and as an archive. With SOURCE_DATE_EPOCH in
# the environment the same commit gives the same bytes.
set(CPACK_PACKAGE_NAME spiral)
set(CPACK_PACKAGE_VENDOR "the spiral authors")
set(CPACK_PACKAGE_CONTACT "the spiral authors <spiral@users.noreply.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "softmax and two-layer networks from the shell")
set(CPACK_PACKAGE_DESCRIPTION "The case study of the CS231n notes as a program: it generates or
loads data, trains a softmax classifier or a network with hidden layers,
sweeps learning rates, checks gradients, explains on the reader's own
numbers why dW is X transposed times dF, and draws decision boundaries and
loss curves.
.
The library and its headers are included. Building with them takes the
packages libopenblas-dev, libzip-dev and zlib1g-dev.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_FILE_NAME spiral-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION math)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "ffmpeg, libopenblas-dev, libzip-dev, zlib1g-dev")
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/before_packing.cmake)
set(CPACK_SPIRAL_SOURCE ${PROJECT_SOURCE_DIR}) # for the script; CPack hands on what begins with CPACK_
include(CPack)
