#include "figure/colours.h"

#include <math.h>
#include <stdbool.h>

/* ---- the palette: classes and curves ----------------------------------------------------------------------------- */

static const SpiralColour colours[SPIRAL_PALETTE_COUNT] = {
    {0x0f, 0x5a, 0xa6}, {0xff, 0xbf, 0x1f}, {0xcc, 0x33, 0x11}, {0x5f, 0xc0, 0xa0},
    {0x5a, 0x5a, 0x5a}, {0xb4, 0x7f, 0xd6}, {0x1c, 0x23, 0x57}, {0x8d, 0xb8, 0x2e},
    {0x6c, 0xc5, 0xf2}, {0x5c, 0x1e, 0x00}, {0x7e, 0x00, 0xfc}, {0xf0, 0xf0, 0xaa},
};

/* How much white is in a tint: as much as keeps those apart whose colours differ in lightness more than in hue, and the
 * first three apart in grey. */
static const double whites[SPIRAL_PALETTE_COUNT] = {0.58, 0.66, 0.66, 0.5, 0.5, 0.66, 0.56, 0.52, 0.8, 0.62, 0.6, 0.66};

static const SpiralColour white = {255, 255, 255}, black = {0, 0, 0};

SpiralColour spiral_palette_colour(size_t index)
{
    return colours[index % SPIRAL_PALETTE_COUNT];
}

SpiralColour spiral_palette_tint(size_t index)
{
    return spiral_colour_mix(spiral_palette_colour(index), white, whites[index % SPIRAL_PALETTE_COUNT]);
}

SpiralColour spiral_palette_line(size_t index)
{
    static const SpiralColour orange = {0xe8, 0x7d, 0x0c}, olive = {0x9a, 0x8f, 0x00}; /* for the two yellows */
    size_t place = index % SPIRAL_PALETTE_COUNT;
    return place == 1 ? orange : place == 11 ? olive : spiral_palette_colour(index);
}

SpiralColour spiral_palette_edge(size_t index)
{
    return spiral_colour_mix(spiral_palette_colour(index), black, 0.6);
}

SpiralColour spiral_palette_hollow(size_t index)
{
    return spiral_colour_mix(spiral_palette_colour(index), black, 0.25);
}

SpiralMarker spiral_palette_marker(size_t index)
{
    return (SpiralMarker)(index / SPIRAL_PALETTE_COUNT % SPIRAL_MARKER_COUNT);
}

SpiralMarker spiral_palette_line_marker(size_t index)
{
    return (SpiralMarker)(index % SPIRAL_MARKER_COUNT);
}

/* ---- the ramp: values -------------------------------------------------------------------------------------------- */

/* Between a few colours in Ottosson's OKLab space (https://bottosson.github.io/posts/oklab/), in which equal steps look
 * equal. */
typedef struct Lab {
    double lightness, a, b;
} Lab;

/* A part of light 0..1 as a byte of sRGB. */
static uint8_t encoded(double light)
{
    double part = fmax(0.0, fmin(1.0, light));
    double curve = part <= 0.0031308 ? 12.92 * part : 1.055 * pow(part, 1.0 / 2.4) - 0.055;
    return (uint8_t)(255.0 * curve + 0.5);
}

static double decoded(uint8_t byte)
{
    double curve = byte / 255.0;
    return curve <= 0.04045 ? curve / 12.92 : pow((curve + 0.055) / 1.055, 2.4);
}

static double cube(double value)
{
    return value * value * value;
}

static SpiralColour colour_of(Lab lab)
{
    double l = cube(lab.lightness + 0.3963377774 * lab.a + 0.2158037573 * lab.b);
    double m = cube(lab.lightness - 0.1055613458 * lab.a - 0.0638541728 * lab.b);
    double s = cube(lab.lightness - 0.0894841775 * lab.a - 1.2914855480 * lab.b);
    return (SpiralColour){encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                          encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                          encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

static SpiralColour ramp(size_t count, const Lab *lab, double part)
{
    double place = fmax(0.0, fmin(1.0, part)) * (double)(count - 1);
    size_t first = (size_t)fmin(floor(place), (double)count - 2.0);
    double rest = place - (double)first;
    const Lab *from = &lab[first], *to = from + 1;
    return colour_of((Lab){from->lightness + rest * (to->lightness - from->lightness),
                           from->a + rest * (to->a - from->a), from->b + rest * (to->b - from->b)});
}

SpiralColour spiral_ramp_colour(double part)
{
    static const Lab anchors[] = {
        {0.24, 0.045, -0.100},  /* indigo */
        {0.40, 0.005, -0.115},  /* blue */
        {0.55, -0.055, -0.075}, /* petrol */
        {0.70, -0.115, 0.025},  /* green */
        {0.82, -0.115, 0.130},  /* lime */
        {0.93, -0.040, 0.165},  /* yellow */
    };
    return ramp(sizeof anchors / sizeof anchors[0], anchors, part);
}

static const Lab diverging[] = {
    {0.40, -0.010, -0.135}, /* blue */
    {0.68, -0.040, -0.110}, /* sky */
    {0.96, 0.000, 0.000},   /* nearly white */
    {0.68, 0.085, 0.120},   /* orange */
    {0.40, 0.095, 0.085},   /* rust */
};

SpiralColour spiral_ramp_diverging(double part)
{
    return ramp(sizeof diverging / sizeof diverging[0], diverging, part);
}

SpiralColour spiral_ramp_share(double part)
{
    return spiral_ramp_diverging(0.5 - 0.5 * part);
}

SpiralColour spiral_ramp_text(SpiralColour ground)
{
    double light = 0.2126 * decoded(ground.red) + 0.7152 * decoded(ground.green) + 0.0722 * decoded(ground.blue);
    bool bright = (light + 0.05) / 0.05 > 1.05 / (light + 0.05); /* the contrasts of WCAG, with black and with white */
    return bright ? (SpiralColour){0, 0, 0} : (SpiralColour){255, 255, 255};
}
