/* explain.h: spiral explain. */
#ifndef SPIRAL_CLI_EXPLAIN_H
#define SPIRAL_CLI_EXPLAIN_H

#include "cli/cli.h"

CommandMain cmd_explain;

#endif
