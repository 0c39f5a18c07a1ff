/* marker.h: the shapes that stand for observations. */
#ifndef SPIRAL_FIGURE_MARKER_H
#define SPIRAL_FIGURE_MARKER_H

#include "figure/canvas.h"

typedef enum SpiralMarker {
    SPIRAL_MARKER_DISC,
    SPIRAL_MARKER_SQUARE,
    SPIRAL_MARKER_TRIANGLE,
    SPIRAL_MARKER_DIAMOND,
    SPIRAL_MARKER_TRIANGLE_DOWN,
    SPIRAL_MARKER_PLUS,
    SPIRAL_MARKER_CROSS,
    SPIRAL_MARKER_COUNT
} SpiralMarker;

/* A marker with about the area of a disc of that radius, outline pixels of it in the edge's colour (0: none). */
void spiral_marker_draw(SpiralCanvas *canvas, SpiralMarker marker, double x, double y, double radius, double outline,
                        SpiralColour edge, SpiralColour fill);

#endif
