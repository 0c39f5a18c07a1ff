#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "check/sanity.h"
#include "data/labels.h"

/* In place of the system's, by the linker's --wrap. */
static bool no_random_numbers;

int __real_getentropy(void *bytes, size_t size);
int __wrap_getentropy(void *bytes, size_t size);
int __wrap_getentropy(void *bytes, size_t size)
{
    errno = ENOSYS;
    return no_random_numbers ? -1 : __real_getentropy(bytes, size);
}

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

/* The key of the hash is drawn with the first label. */
static void without_random_numbers_from_the_system_no_label_is_taken(void **state)
{
    (void)state;
    SpiralLabels labels = {0};
    SpiralError error;
    size_t id;
    no_random_numbers = true;
    assert_int_equal(spiral_labels_add(&labels, "a", 1, 1, "a.csv", &id, &error), SPIRAL_ERROR_LIMIT);
    assert_string_equal(error.reason, "no random numbers from the system: Function not implemented");
    assert_int_equal(labels.count, 0);
    no_random_numbers = false;
    assert_int_equal(spiral_labels_add(&labels, "a", 1, 1, "a.csv", &id, &error), SPIRAL_OK);
    spiral_labels_free(&labels);
}

/* Rows are told apart by a hash with a key of its own. */
static void without_random_numbers_from_the_system_no_rows_are_compared(void **state)
{
    (void)state;
    const double X[] = {1.0, 2.0};
    const int64_t y[] = {0, 1};
    const SpiralDataset dataset = {.rows = 2, .features = 1, .classes = 2, .X = X, .y = y};
    SpiralSanityResult duplicates = {0}, contradictions = {0};
    SpiralError error;
    no_random_numbers = true;
    assert_int_equal(spiral_sanity_rows(&dataset, &duplicates, &contradictions, &error), SPIRAL_ERROR_LIMIT);
    assert_string_equal(error.reason, "no random numbers from the system: Function not implemented");
    no_random_numbers = false;
    assert_int_equal(spiral_sanity_rows(&dataset, &duplicates, &contradictions, &error), SPIRAL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_made_to_collide_are_found_as_quickly_as_others),
        cmocka_unit_test(among_no_labels_none_is_found),
        cmocka_unit_test(without_random_numbers_from_the_system_no_label_is_taken),
        cmocka_unit_test(without_random_numbers_from_the_system_no_rows_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
