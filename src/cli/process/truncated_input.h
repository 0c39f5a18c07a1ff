/* truncated_input.h: a mapped input that someone cuts while it is used. */
#ifndef SPIRAL_CLI_TRUNCATED_INPUT_H
#define SPIRAL_CLI_TRUNCATED_INPUT_H

/* From now on, reading behind the new end of such a file ends the program with a message that names it and the code
 * INPUT, in place of SIGBUS. The outputs under way are not put in their places; their temporary files stay. */
void truncated_input_watch(void);

#endif
