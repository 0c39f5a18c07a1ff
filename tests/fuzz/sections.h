/* sections.h: inputs that are several files, with a byte between them that none of them has. */
#ifndef SPIRAL_TESTS_FUZZ_SECTIONS_H
#define SPIRAL_TESTS_FUZZ_SECTIONS_H

#include "mutate.h"

enum { SECTION_END = 0x1e, MOST_SECTIONS = 8 };

typedef struct Section {
    const uint8_t *bytes;
    size_t size;
} Section;

/* Cuts the input, the last section being the rest; returns how many there are. */
size_t sections_cut(const uint8_t *data, size_t size, Section sections[MOST_SECTIONS]);

/* Mutates one section, the first as JSON and all others as CSV. */
size_t sections_mutate(uint8_t *data, size_t size, size_t max_size, Random *random);

#endif
