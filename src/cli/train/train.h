/* train.h: spiral train. */
#ifndef SPIRAL_CLI_TRAIN_H
#define SPIRAL_CLI_TRAIN_H

#include "cli/cli.h"

CommandMain cmd_train;

#endif
