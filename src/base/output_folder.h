/* output_folder.h: which folders this process has locked, and whether they are still where they were. */
#ifndef SPIRAL_BASE_OUTPUT_FOLDER_H
#define SPIRAL_BASE_OUTPUT_FOLDER_H

#include <stdbool.h>

#include "spiral/status.h"

/* Refuses path if it begins with that of a locked folder, as it was given to spiral_folder_lock, and another folder, or
 * none, has that path now, or if a symbolic link has the place of a folder between it and the last part of path.
 * Errors: OUTPUT. */
SpiralStatus spiral_output_folder_check(const char *path, SpiralError *error);

/* Does path begin with that of a locked folder? */
bool spiral_output_folder_is_locked(const char *path);

#endif
