/* run_folder.h: whose files a folder of --out has: those of a training or of a sweep. */
#ifndef SPIRAL_CLI_RUN_FOLDER_H
#define SPIRAL_CLI_RUN_FOLDER_H

#include "spiral/status.h"

/* Refuses a folder in which a training has left its files. Errors: OUTPUT, LIMIT. */
SpiralStatus run_folder_refuse_training(const char *folder, SpiralError *error);

/* Refuses a folder in which a sweep or its shards have left their files. Errors: OUTPUT, LIMIT. */
SpiralStatus run_folder_refuse_sweep(const char *folder, SpiralError *error);

#endif
