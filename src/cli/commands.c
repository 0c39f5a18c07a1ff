#include "cli/commands.h"

#include <string.h>

#include "cli/explain/explain.h"
#include "cli/sweep/sweep.h"
#include "cli/train/train.h"

const Command commands[COMMAND_COUNT] = {
    {"generate", "make data, the notes' spiral or another shape, and save it", cmd_generate},
    {"train", "train a linear classifier or a network; log, draw and save it", cmd_train},
    {"sweep", "train many settings at once, and find the best", cmd_sweep},
    {"predict", "classify data with a trained model", cmd_predict},
    {"plot", "draw a model's decision boundary, or loss curves from logs", cmd_plot},
    {"report", "make a page of a training, to play it back in a browser", cmd_report},
    {"check", "the notes' checks before learning: data, first loss, gradient", cmd_check},
    {"gradcheck", "compare the gradient with centred differences of the loss", cmd_gradcheck},
    {"explain", "derive dW = X^T dF and db = 1^T dF on your own numbers", cmd_explain},
};

const Command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}
