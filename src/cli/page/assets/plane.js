/* The decision boundary: two features across and up, every other one at its mean. With one feature, the classes' points
 * lie above one another. */

const PLANE_SIZE = 640, MARKER = 6, MOST_MULTIPLICATIONS = 16e6;

/* The data's range in feature d with a margin. */
function spread(X, D, d) {
  const [low, high] = rangeOf([X.filter((value, i) => i % D === d)]);
  const margin = 0.08 * (high - low);
  return [low - margin, high + margin];
}

function meansOf(X, D) {
  const means = new Float64Array(D);
  X.forEach((value, i) => { means[i % D] += value * D / X.length; });
  return means;
}

/* A plane for the data: {axes: [across, up], x: range, y: range}; up is -1 where there is one feature. */
function makePlane(network, X, y, axes) {
  const D = network.sizes[0], K = network.classes.length;
  return {network, X, y, D, axes, means: meansOf(X, D), x: spread(X, D, axes[0]),
          y_range: axes[1] < 0 ? [-1, K] : spread(X, D, axes[1])};
}

/* Where observation i is drawn, in pixels. */
function placeOf(plane, i) {
  const across = plane.X[i * plane.D + plane.axes[0]];
  const up = plane.axes[1] < 0 ? plane.y[i] : plane.X[i * plane.D + plane.axes[1]];
  return [(across - plane.x[0]) / (plane.x[1] - plane.x[0]) * PLANE_SIZE,
          (1 - (up - plane.y_range[0]) / (plane.y_range[1] - plane.y_range[0])) * PLANE_SIZE];
}

/* Fills a small picture: each pixel has its class's colour, the fainter the closer its probability is to 1/K. */
function shade(plane, weights, cells) {
  const {network, D, axes} = plane, L = network.layers.length, K = network.sizes[L];
  const picture = new ImageData(cells, cells), ground = themeColour('--ground');
  const rows = network.sizes.map((size) => new Float64Array(size));
  const probs = new Float64Array(K);
  for (let d = 0; d < D; d++) rows[0][d] = standardized(network, plane.means[d], d);
  for (let v = 0; v < cells; v++)
    for (let u = 0; u < cells; u++) {
      const x = plane.x[0] + (u + 0.5) / cells * (plane.x[1] - plane.x[0]);
      const y = plane.y_range[1] - (v + 0.5) / cells * (plane.y_range[1] - plane.y_range[0]);
      rows[0][axes[0]] = standardized(network, x, axes[0]);
      if (axes[1] >= 0) rows[0][axes[1]] = standardized(network, y, axes[1]);
      for (let l = 0; l < L; l++) layerRow(network, weights, l, rows[l], 0, rows[l + 1], 0);
      softmaxRow(rows[L], 0, K, probs, 0);
      const best = highest(probs, 0, K), sure = (probs[best] - 1 / K) / (1 - 1 / K);
      const colour = Number.isFinite(sure) ? mixed(ground, classColour(best), 0.12 + 0.5 * sure) : [128, 128, 128];
      picture.data.set([...colour.map(Math.round), 255], 4 * (v * cells + u));
    }
  return picture;
}

/* As many cells on a side as are computed in a few hundredths of a second. */
function cellsFor(network) {
  return Math.round(Math.max(32, Math.min(160, Math.sqrt(MOST_MULTIPLICATIONS / network.count))));
}

function drawPlane(canvas, plane, weights, chosen) {
  const cells = cellsFor(plane.network), context = canvas.getContext('2d');
  const small = document.createElement('canvas');
  small.width = small.height = cells;
  small.getContext('2d').putImageData(shade(plane, weights, cells), 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, PLANE_SIZE, PLANE_SIZE);
  for (let i = 0; i < plane.y.length; i++) drawMarker(context, plane.y[i], ...placeOf(plane, i), MARKER);
  const [left, top] = placeOf(plane, chosen);
  context.lineWidth = 3;
  context.strokeStyle = css(themeColour('--ink'));
  context.beginPath();
  context.arc(left, top, 2.2 * MARKER, 0, 2 * Math.PI);
  context.stroke();
}

/* The observation closest to a place in pixels. */
function nearestTo(plane, left, top) {
  let nearest = 0, least = Infinity;
  for (let i = 0; i < plane.y.length; i++) {
    const [x, y] = placeOf(plane, i), distance = Math.hypot(x - left, y - top);
    if (distance < least) [nearest, least] = [i, distance];
  }
  return nearest;
}
