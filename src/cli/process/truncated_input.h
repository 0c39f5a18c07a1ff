/* truncated_input.h: handles a mapped input file that is truncated while it is in use. */
#ifndef SPIRAL_CLI_TRUNCATED_INPUT_H
#define SPIRAL_CLI_TRUNCATED_INPUT_H

/* From now on, reading past the new end of such a file ends the program with a message that names the file and with the
 * exit code INPUT, instead of SIGBUS. Outputs in progress are not moved into place; their temporary files remain. */
void truncated_input_watch(void);

#endif
