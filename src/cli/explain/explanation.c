#include "cli/explain/explanation.h"

void explanation_write(Document *document, ExplanationView *view)
{
    view->checks = view->network->layers > 1 ? 7 : 6;
    explanation_write_setting(document, view);
    explanation_write_scores(document, view);
    explanation_write_weights(document, view);
    explanation_write_sum(document, view);
    explanation_write_objective(document, view);
    if (view->network->layers > 1)
        explanation_write_way_down(document, view);
    explanation_write_checks(document, view);
    explanation_write_exercises(document, view);
}
