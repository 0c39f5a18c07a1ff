/* fail.h: the message that a command ends with when it fails. */
#ifndef SPIRAL_CLI_FAIL_H
#define SPIRAL_CLI_FAIL_H

#include "spiral/status.h"

/* Prints "spiral: error: FILE:LINE: reason" on standard error, with what would help when that is known (advice, a
 * command or NULL, or else the error's remedy) and a hint at the command's help after a usage error, and returns the
 * exit code. Only the first rank prints. */
int cli_fail(const char *command, const char *advice, const SpiralError *error);

#endif
