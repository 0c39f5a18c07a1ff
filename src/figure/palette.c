#include "figure/palette.h"

static const SpiralColour colours[SPIRAL_PALETTE_COUNT] = {
    {0x0f, 0x5a, 0xa6}, {0xff, 0xbf, 0x1f}, {0xcc, 0x33, 0x11}, {0x5f, 0xc0, 0xa0}, {0x5a, 0x5a, 0x5a},
    {0xb4, 0x7f, 0xd6}, {0x1c, 0x23, 0x57}, {0x8d, 0xb8, 0x2e}, {0x6c, 0xc5, 0xf2}, {0xa5, 0x65, 0x2a},
};

static const SpiralColour white = {255, 255, 255}, black = {0, 0, 0};

SpiralColour spiral_palette_colour(size_t index)
{
    return colours[index % SPIRAL_PALETTE_COUNT];
}

SpiralColour spiral_palette_tint(size_t index)
{
    return spiral_colour_mix(spiral_palette_colour(index), white, 0.66);
}

SpiralColour spiral_palette_line(size_t index)
{
    static const SpiralColour orange = {0xe8, 0x7d, 0x0c}; /* for the second, a yellow */
    return index % SPIRAL_PALETTE_COUNT == 1 ? orange : spiral_palette_colour(index);
}

SpiralColour spiral_palette_edge(size_t index)
{
    return spiral_colour_mix(spiral_palette_colour(index), black, 0.6);
}

SpiralMarker spiral_palette_marker(size_t index)
{
    return (SpiralMarker)(index / SPIRAL_PALETTE_COUNT % SPIRAL_MARKER_COUNT);
}
