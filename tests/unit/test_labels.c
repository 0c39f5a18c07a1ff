#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data/labels.h"

/* Slots that are looked at to find every label once. */
static size_t count_probes(const SpiralLabels *labels)
{
    size_t probes = 0, mask = labels->slot_count - 1;
    for (size_t slot = 0; slot < labels->slot_count; slot++)
        if (labels->slots[slot] != 0)
            probes += ((slot - (size_t)labels->labels[labels->slots[slot] - 1].hash) & mask) + 1;
    return probes;
}

static uint32_t fnv(const char *text)
{
    uint32_t hash = UINT32_C(2166136261);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
    return hash;
}

/* A well-known hash without a key would put all of these into one slot. Half of the slots are empty: a label is found
 * with 1.5 probes on average (Knuth, 6.4), whatever it is. */
static void labels_made_to_collide_are_found_as_quickly_as_others(void **state)
{
    (void)state;
    enum { LABELS = 2000, SLOTS = 4096 };
    SpiralLabels labels = {0};
    SpiralError error;
    size_t made = 0, id;
    for (unsigned i = 0; made < LABELS; i++) {
        char text[16];
        snprintf(text, sizeof text, "%x", i);
        if (fnv(text) % SLOTS != 5)
            continue;
        assert_int_equal(spiral_labels_add(&labels, text, strlen(text), 1, NULL, &id, &error), SPIRAL_OK);
        assert_int_equal(id, made++);
    }
    assert_int_equal(labels.count, LABELS);
    assert_true(count_probes(&labels) < 4 * LABELS);
    for (size_t i = 0; i < LABELS; i++)
        assert_int_equal(spiral_labels_find(&labels, labels.labels[i].text, strlen(labels.labels[i].text)), i);
    assert_int_equal(spiral_labels_find(&labels, "none", 4), LABELS);
    spiral_labels_free(&labels);
}

/* Nothing is found among no labels; the number of labels says so. */
static void among_no_labels_none_is_found(void **state)
{
    (void)state;
    SpiralLabels labels = {0};
    SpiralError error;
    size_t id = 7;
    assert_int_equal(spiral_labels_find(&labels, "a", 1), 0);
    assert_int_equal(spiral_labels_add(&labels, "a", 1, 1, "a.csv", &id, &error), SPIRAL_OK);
    assert_int_equal(id, 0);
    assert_int_equal(spiral_labels_find(&labels, "a", 1), 0);
    assert_int_equal(spiral_labels_find(&labels, "b", 1), 1);
    spiral_labels_free(&labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_made_to_collide_are_found_as_quickly_as_others),
        cmocka_unit_test(among_no_labels_none_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
