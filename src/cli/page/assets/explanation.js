/* What answers to the reader on the page of an explanation: X^T dF = dW, entry by entry and observation by observation,
 * and the circuit of one score. Everything is made from the numbers of the explanation. */

const data = pageData();
const play = {layer: data.layers.length - 1, added: data.observations.length, entry: [0, 0], observation: 0, output: 0};
const COUNT = data.observations.length;

function shown(value) {
  const size = Math.abs(value), text = size.toFixed(data.decimals);
  if (size !== 0 && Number(text) === 0) return (value < 0 ? '−' : '') + size.toExponential(2).replace('-', '−');
  return (value < 0 && Number(text) !== 0 ? '−' : '') + text;
}

function inBrackets(value) {
  return value < 0 ? `(${shown(value)})` : shown(value);
}

/* "dW_2" as text with a lowered 2. */
function nameElement(name) {
  const [letters, index] = name.split('_'), made = element('span', letters);
  if (index) made.append(element('sub', index.replace(/[{}]/g, '')));
  return made;
}

function plainName(name) {
  return name.replace(/[_{}]/g, '');
}

/* ---- the product ---- */

/* Row d of X^T has the inputs of all observations; below the last is a row of ones, which gives db. */
function inputOf(layer, i, d) {
  return d < layer.inputs.length ? layer.A[i][d] : 1;
}

/* An entry of dW, or in the last row of db: the sum over the observations added so far. */
function sumSoFar(layer, d, k) {
  let sum = 0;
  for (let i = 0; i < play.added; i++) sum += inputOf(layer, i, d) * layer.dZ[i][k];
  return sum;
}

/* A table of numbers with names, of class lively. cell(td, r, c) fills in a cell. */
function livelyTable(name, rows, columns, cell, onesLast) {
  const figure = element('figure'), caption = element('figcaption'), made = element('table', undefined, 'lively');
  caption.append(nameElement(name.text));
  if (name.raised) caption.append(element('sup', name.raised));
  const head = element('tr');
  head.append(element('td'), ...columns.map((text) => headCell(text, 'col')));
  made.append(element('thead'), element('tbody'));
  made.firstChild.append(head);
  rows.forEach((text, r) => {
    const line = element('tr', undefined, onesLast && r + 1 === rows.length ? 'ones' : undefined);
    line.append(headCell(text, 'row'));
    columns.forEach((_, c) => {
      const td = element('td');
      cell(td, r, c);
      line.append(td);
    });
    made.lastChild.append(line);
  });
  figure.append(caption, made);
  return figure;
}

function observationNames() {
  return data.observations.map((row) => `i=${row}`);
}

function laterClass(td, i) {
  if (i >= play.added) td.className = 'later';
}

/* The largest entry of dW. */
function largestEntry(layer) {
  let largest = [0, 0];
  const size = ([d, k]) => Math.abs(sumSoFar(layer, d, k));
  layer.inputs.forEach((_, d) => layer.outputs.forEach((__, k) => {
    if (size([d, k]) > size(largest)) largest = [d, k];
  }));
  return largest;
}

/* The entry (d, k) of dW is chosen: it, its row of X^T and its column of dF light up, and the sum is written out. */
function lightUp() {
  const [d, k] = play.entry, tables = byId('product').querySelectorAll('table');
  tables.forEach((one, t) => one.querySelectorAll('tbody tr').forEach((line, r) => line.querySelectorAll('td').forEach((td, c) => {
    td.classList.toggle('factor', t === 0 && r === d || t === 1 && c === k);
    td.classList.toggle('entry', t === 2 && r === d && c === k);
  })));
  writeSum(data.layers[play.layer], d, k);
}

function writeSum(layer, d, k) {
  const bias = d === layer.inputs.length, total = sumSoFar(layer, d, k);
  const terms = Array.from({length: play.added}, (_, i) =>
    `${inBrackets(inputOf(layer, i, d))} · ${inBrackets(layer.dZ[i][k])}`);
  const place = bias ? layer.outputs[k] : `${layer.inputs[d]}, ${layer.outputs[k]}`;
  const name = plainName(bias ? layer.names.db : layer.names.dW);
  const many = terms.length > 6 ? terms.slice(0, 5).concat('…', terms[terms.length - 1]) : terms;
  setText('sum', `${name}[${place}] = ${play.added === 0 ? 'nothing yet' : many.join(' + ')} = ${shown(total)}` +
    (play.added < COUNT ? ` after ${play.added} of ${COUNT} observations` : ''));
}

function showProduct() {
  const layer = data.layers[play.layer], last = play.layer + 1 === data.layers.length;
  const inputs = [...layer.inputs, 'ones'], names = observationNames();
  const dot = element('span', '·'), equals = element('span', '=');
  byId('product').replaceChildren(
    livelyTable({text: layer.names.X, raised: 'T'}, inputs, names, (td, d, i) => {
      td.textContent = d < layer.inputs.length ? shown(inputOf(layer, i, d)) : '1';
      laterClass(td, i);
    }, true), dot,
    livelyTable({text: layer.names.dZ}, names, layer.outputs, (td, i, k) => {
      td.textContent = shown(layer.dZ[i][k]);
      laterClass(td, i);
    }), equals,
    livelyTable({text: layer.names.dW}, [...layer.inputs, plainName(layer.names.db)], layer.outputs, (td, d, k) => {
      td.textContent = shown(sumSoFar(layer, d, k));
      listenToEntry(td, d, k);
    }, true));
  setText('added-count', `${play.added} of ${COUNT}`);
  const [input, upstream, weights, biases] = ['X', 'dZ', 'dW', 'db'].map((name) => plainName(layer.names[name]));
  setText('product-note', `Point at an entry of ${weights}, or go to it with the arrow keys: its row of ${input}ᵀ and its column of ` +
    `${upstream} light up. ${upstream} is the gradient of the ${last ? 'scores' : 'sums before the activation'}; the row of ones gives ${biases}.`);
  lightUp();
}

/* ---- an entry by pointer and keyboard ---- */

function listenToEntry(td, d, k) {
  td.tabIndex = d === play.entry[0] && k === play.entry[1] ? 0 : -1;
  td.dataset.entry = `${d},${k}`;
  td.setAttribute('aria-describedby', 'sum');
  const choose = () => { play.entry = [d, k]; lightUp(); };
  td.addEventListener('mouseenter', choose);
  td.addEventListener('focus', choose);
  td.addEventListener('keydown', moveEntry);
}

/* The arrow keys go from entry to entry. */
function moveEntry(event) {
  const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (!step) return;
  event.preventDefault();
  const next = byId('product').querySelector(`[data-entry="${play.entry[0] + step[0]},${play.entry[1] + step[1]}"]`);
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/* ---- the circuit of one score ---- */

/* In the units of the drawing: where the columns are, and how far apart the wires. */
const WIRES = {between: 56, left: 10, bend: 220, times: 260, sum_bend: 400, plus: 460, loss: 600, right: 800, most: 4};

/* A wire that runs level up to the bend, and from there to its end. On the level part its forward value stands above it
 * and its gradient below. */
function wire(svg, start, bend, end, name, forward, backward) {
  const middle = (start[0] + bend) / 2, text = {x: middle, 'text-anchor': 'middle'};
  svg.append(svgElement('polyline', {points: `${start[0]},${start[1]} ${bend},${start[1]} ${end[0]},${end[1]}`}));
  const label = svgElement('text', {...text, y: start[1] - 6});
  label.append(svgElement('tspan', {}, name ? name + ' ' : ''), svgElement('tspan', {class: 'forward'}, shown(forward)));
  svg.append(label, svgElement('text', {...text, class: 'backward', y: start[1] + 16}, shown(backward)));
}

function gate(svg, x, y, sign) {
  svg.append(svgElement('circle', {cx: x, cy: y, r: 15}), svgElement('text', {x, y: y + 5, 'text-anchor': 'middle'}, sign));
}

/* The inputs that are drawn, {name, x, w}: the first ones, and what all others add together as one. */
function drawnInputs(layer, i, k) {
  const all = layer.inputs.map((name, d) => ({name, x: layer.A[i][d], w: layer.W[d][k]}));
  const drawn = all.slice(0, WIRES.most), sum = drawn.reduce((total, one) => total + one.x * one.w, 0);
  return {drawn, rest: drawn.length < layer.total_inputs ? layer.Z[i][k] - layer.b[k] - sum : null};
}

/* One input times its weight, and the wire from there to the sum. */
function drawProduct(svg, {name, x, w}, df, top, center) {
  const bottom = top + WIRES.between, middle = (top + bottom) / 2;
  wire(svg, [WIRES.left, top], WIRES.bend, [WIRES.times - 12, middle - 9], name, x, w * df);
  wire(svg, [WIRES.left, bottom], WIRES.bend, [WIRES.times - 12, middle + 9], 'its weight', w, x * df);
  wire(svg, [WIRES.times + 15, middle], WIRES.sum_bend, [WIRES.plus - 15, center], '', x * w, df);
  gate(svg, WIRES.times, middle, '×');
}

function drawLoss(svg, center, f, df, loss) {
  const middle = WIRES.loss + 50, text = {x: middle, 'text-anchor': 'middle'};
  wire(svg, [WIRES.plus + 15, center], WIRES.loss, [WIRES.loss, center], 'f', f, df);
  svg.append(svgElement('rect', {x: WIRES.loss, y: center - 24, width: 100, height: 48, rx: 6}),
             svgElement('text', {...text, y: center - 4}, 'softmax,'), svgElement('text', {...text, y: center + 13}, '−log p'));
  wire(svg, [WIRES.loss + 100, center], WIRES.right, [WIRES.right, center], 'L', loss, 1);
}

function drawCircuit(svg, layer, i, k) {
  const {drawn, rest} = drawnInputs(layer, i, k), df = layer.dZ[i][k], single = WIRES.between;
  const others = [['all others', rest], [plainName(layer.names.b), layer.b[k]]].filter(([, value]) => value !== null);
  const height = single * (2 * drawn.length + others.length) + 10, center = height / 2;
  svg.replaceChildren();
  svg.setAttribute('viewBox', `0 0 ${WIRES.right} ${height}`);
  drawn.forEach((input, line) => drawProduct(svg, input, df, 28 + 2 * single * line, center));
  others.forEach(([name, value], line) =>
    wire(svg, [WIRES.bend, 28 + single * (2 * drawn.length + line)], WIRES.sum_bend, [WIRES.plus - 15, center], name, value, df));
  gate(svg, WIRES.plus, center, '+');
  drawLoss(svg, center, layer.Z[i][k], df, data.losses[i]);
  svg.setAttribute('aria-label', circuitText(layer, i, k));
}

function circuitText(layer, i, k) {
  const {drawn, rest} = drawnInputs(layer, i, k), df = layer.dZ[i][k];
  const parts = drawn.map(({name, x, w}) => `${name} ${shown(x)} times its weight ${shown(w)}, whose gradient is ${shown(x * df)}`);
  if (rest !== null) parts.push(`all others together ${shown(rest)}`);
  return `The score of ${layer.outputs[k]} for observation ${data.observations[i]}: ${parts.join('; ')}; the bias ` +
         `${shown(layer.b[k])}, whose gradient is ${shown(df)}. The score is ${shown(layer.Z[i][k])}, its gradient ${shown(df)}; ` +
         `the loss is ${shown(data.losses[i])}.`;
}

function showCircuit() {
  const layer = data.layers[data.layers.length - 1], i = play.observation, k = play.output;
  drawCircuit(byId('circuit'), layer, i, k);
  const own = data.y[i] === layer.output_indices[k];
  setText('circuit-note', `Observation ${data.observations[i]} is of class ${data.class_of[i]}, so dF is ` +
    `${own ? 'p − 1' : 'p'} = ${shown(layer.dZ[i][k])} here. Back through +, each input gets the same gradient; back through ×, ` +
    'each gets it times the other input. So the gradient of a weight is its x times dF: that is the entry of xᵀ dF.');
}

/* ---- the section ---- */

function label(text, control) {
  const made = element('label', text);
  made.htmlFor = control.id;
  return made;
}

function control(tag, id, listener, event) {
  const made = element(tag);
  made.id = id;
  made.addEventListener(event, () => listener(Number(made.value)));
  return made;
}

function choiceOf(id, text, names, listener) {
  const row = element('div', undefined, 'choice'), select = control('select', id, listener, 'change');
  names.forEach((name, i) => select.append(option(name, i)));
  row.append(label(text, select), select);
  return row;
}

function buildProduct(section) {
  const slider = control('input', 'added', (value) => { play.added = value; showProduct(); }, 'input');
  Object.assign(slider, {type: 'range', min: 0, max: COUNT, step: 1});
  slider.value = COUNT;
  const row = element('div', undefined, 'choice'), count = element('output');
  count.id = 'added-count';
  row.append(label('observations added', slider), slider, count);
  const product = element('div', undefined, 'product'), sum = element('p'), note = element('p');
  [product.id, sum.id, note.id] = ['product', 'sum', 'product-note'];
  sum.setAttribute('role', 'status');
  section.append(element('h3', 'The sum, observation by observation'));
  if (data.layers.length > 1) {
    section.append(choiceOf('play-layer', 'layer', data.layers.map((layer) => plainName(layer.names.W)), (value) => {
      play.layer = value;
      play.entry = largestEntry(data.layers[value]);
      showProduct();
    }));
    section.querySelector('#play-layer').value = play.layer;
  }
  section.append(row, product, sum, note);
}

function buildCircuit(section) {
  const layer = data.layers[data.layers.length - 1], frame = element('div', undefined, 'circuit'), svg = svgElement('svg', {id: 'circuit', role: 'img'});
  const note = element('p');
  note.id = 'circuit-note';
  frame.tabIndex = 0;
  frame.append(svg);
  section.append(element('h3', 'One score as a circuit'),
    element('p', 'Forward values stand above each wire, in green; the gradient of the loss stands below it, in red.'),
    choiceOf('circuit-observation', 'observation', data.observations.map(String), (value) => { play.observation = value; showCircuit(); }),
    choiceOf('circuit-output', 'score of class', layer.outputs, (value) => { play.output = value; showCircuit(); }),
    frame, note);
}

function startPlaying() {
  const section = byId('play');
  section.hidden = false;
  buildProduct(section);
  buildCircuit(section);
  play.entry = largestEntry(data.layers[play.layer]);
  showProduct();
  showCircuit();
}

startPlaying();
