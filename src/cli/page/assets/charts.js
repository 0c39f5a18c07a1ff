/* Curves over the iterations, with a line at the moment that is shown. */

const CHART = {left: 62, right: 12, top: 26, bottom: 26};

/* Up to six round numbers from low to high. */
function ticks(low, high) {
  const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + 1e-9 * step; i++) found.push(i * step);
  return found;
}

/* On a log axis, low and high are powers of ten: whole ones are marked, if there are enough of them. */
function logTicks(low, high) {
  const whole = ticks(low, high).filter(Number.isInteger);
  return whole.length >= 2 ? whole : ticks(low, high);
}

function tickText(value) {
  return String(Number(value.toPrecision(6)));
}

/* Beside the axis there is room for seven characters. */
function sideText(value) {
  const text = tickText(value), short = Number(text).toExponential();
  return text.length > 7 && short.length < text.length ? short : text;
}

/* The smallest range that has all finite values, never empty. */
function rangeOf(lists) {
  let low = Infinity, high = -Infinity;
  for (const list of lists)
    for (const value of list)
      if (Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/* The points of a curve as an SVG path; a value that is not finite leaves a gap. */
function pathOf(xs, ys, place) {
  let path = '', pen = 'M';
  xs.forEach((x, i) => {
    if (!Number.isFinite(ys[i])) {
      pen = 'M';
      return;
    }
    const [left, top] = place(x, ys[i]);
    path += pen + left.toFixed(1) + ' ' + top.toFixed(1);
    pen = 'L';
  });
  return path;
}

/* Draws curves [{values, className}] over xs into an SVG. Returns show(x, y), which moves the mark. With log, the y axis
 * is logarithmic. */
function drawChart(svg, title, xs, curves, log) {
  const [width, height] = svg.getAttribute('viewBox').split(' ').slice(2).map(Number);
  const scaled = (value) => log ? (value > 0 ? Math.log10(value) : NaN) : value;
  const lists = curves.map((curve) => Array.from(curve.values, scaled));
  const [low, high] = rangeOf(lists), [first, last] = rangeOf([xs]);
  const across = (x) => CHART.left + (x - first) / (last - first) * (width - CHART.left - CHART.right);
  const up = (y) => height - CHART.bottom - (y - low) / (high - low) * (height - CHART.top - CHART.bottom);
  const place = (x, y) => [across(x), up(y)];
  svg.replaceChildren(svgElement('text', {x: CHART.left, y: 16}, title));
  svg.append(svgElement('rect', {class: 'frame', x: CHART.left, y: CHART.top, width: width - CHART.left - CHART.right,
                                 height: height - CHART.top - CHART.bottom}));
  for (const x of ticks(first, last))
    svg.append(svgElement('text', {x: across(x), y: height - 8, 'text-anchor': 'middle'}, tickText(x)));
  for (const y of (log ? logTicks : ticks)(low, high))
    svg.append(svgElement('text', {x: CHART.left - 6, y: up(y) + 4, 'text-anchor': 'end'},
                          sideText(log ? Number((10 ** y).toPrecision(2)) : y)));
  curves.forEach((curve, i) => svg.append(svgElement('path', {class: curve.className, d: pathOf(xs, lists[i], place)})));
  const line = svgElement('line', {class: 'moment', y1: CHART.top, y2: height - CHART.bottom});
  const dot = svgElement('circle', {class: 'dot', r: 4});
  svg.append(line, dot);
  return (x, y) => {
    const left = Math.min(across(x), width - CHART.right), value = scaled(y);
    line.setAttribute('x1', left);
    line.setAttribute('x2', left);
    dot.setAttribute('cx', left);
    dot.setAttribute('cy', up(Math.min(high, Math.max(low, Number.isFinite(value) ? value : low))));
    dot.setAttribute('visibility', Number.isFinite(value) ? 'visible' : 'hidden');
    svg.setAttribute('aria-label', title + ': ' + digits(y) + ' at iteration ' + x);
  };
}

/* The iteration under the pointer. */
function iterationAt(svg, event, xs) {
  const [first, last] = rangeOf([xs]), box = svg.getBoundingClientRect();
  const width = Number(svg.getAttribute('viewBox').split(' ')[2]);
  const x = (event.clientX - box.left) / box.width * width;
  return first + (x - CHART.left) / (width - CHART.left - CHART.right) * (last - first);
}
