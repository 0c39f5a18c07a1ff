#include "sections.h"

#include <string.h>

size_t sections_cut(const uint8_t *data, size_t size, Section sections[MOST_SECTIONS])
{
    size_t count = 0;
    for (size_t from = 0;; count++) {
        const uint8_t *end = from < size ? memchr(data + from, SECTION_END, size - from) : NULL;
        size_t length = end != NULL && count + 1 < MOST_SECTIONS ? (size_t)(end - data) - from : size - from;
        sections[count] = (Section){data + from, length};
        from += length + 1;
        if (from > size)
            return count + 1;
    }
}

size_t sections_mutate(uint8_t *data, size_t size, size_t max_size, Random *random)
{
    static uint8_t made[MUTATE_MOST];
    Section sections[MOST_SECTIONS];
    size_t count = sections_cut(data, size, sections), chosen = random_below(random, count);
    size_t from = (size_t)(sections[chosen].bytes - data), length = sections[chosen].size, rest = size - from - length;
    if (size > sizeof made || size > max_size)
        return 0;
    memcpy(made, sections[chosen].bytes, length);
    size_t most = sizeof made < max_size ? sizeof made : max_size;
    size_t changed = (chosen == 0 ? mutate_json : mutate_csv)(made, length, most - (size - length), random);
    if (changed == 0)
        return 0;
    memmove(data + from + changed, data + from + length, rest);
    memcpy(data + from, made, changed);
    return from + changed + rest;
}
