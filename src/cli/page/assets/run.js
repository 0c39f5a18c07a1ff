/* The page of a run: one state, the moment and the observation that are shown, and what is drawn from it. */

const FRAME_MILLISECONDS = 60;

/* ---- the log ---- */

function numberOf(text) {
  return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text); // nan becomes NaN
}

/* {names, rows, columns: name -> numbers, at: iteration -> row} */
function readLog(log) {
  const objects = log.format === 'jsonl' ? log.lines.map((line) => JSON.parse(line)) : [];
  const names = log.format === 'csv' ? log.header.split(',') : Object.keys(objects[0] || {iteration: 0});
  const rows = log.format === 'csv' ? log.lines.map((line) => line.split(',').map(numberOf))
                                    : objects.map((row) => names.map((name) => row[name] === null ? NaN : row[name]));
  const columns = {}, at = new Map();
  names.forEach((name, c) => { columns[name] = rows.map((row) => row[c]); });
  rows.forEach((row, r) => at.set(row[0], r));
  return {names, rows, columns, at};
}

/* ---- the state ---- */

const data = pageData();
const network = makeNetwork(data.network);
const parameters = new Float32Array(bytesOf(data.weights)); // (moments, network.count)
const X = new Float64Array(bytesOf(data.data.X)), y = data.data.y;
const log = readLog(data.log);
const D = network.sizes[0], K = network.classes.length;
const view = {moment: 0, observation: 0, layer: 0, timer: 0, plane: null, marks: []};

function weightsNow() {
  return parameters.subarray(view.moment * network.count, (view.moment + 1) * network.count);
}

/* The log's value at the moment that is shown; NaN where the log has no such row or column. */
function logged(name) {
  const row = log.at.get(data.iterations[view.moment]);
  return row === undefined || !log.columns[name] ? NaN : log.columns[name][row];
}

/* The update is known from the gradient alone when it is plain gradient descent on all of the data. */
function computesUpdate() {
  return data.training.plain_descent && data.training.batch_size === 0 && data.training.dropout === 0 && data.data.step === 1;
}

function updateRatio(state, l) {
  if (!computesUpdate()) return logged(l === undefined ? 'update_ratio' : 'update_ratio_W' + (l + 1));
  const all = gradientNorm(state, true), most = data.training.max_grad_norm;
  const rate = logged('learning_rate') * (most > 0 && all > most ? most / all : 1), layers = network.layers.map((_, i) => i);
  const shown = l === undefined ? layers : [l];
  return rate * Math.hypot(...shown.map((i) => norm(state.dW[i]))) /
         Math.hypot(...shown.map((i) => norm(weightsOf(network, weightsNow(), i))));
}

/* ---- names ---- */

/* The inputs and the outputs of a layer. */
function inputNames(l) {
  return l === 0 ? network.features : Array.from({length: network.sizes[l]}, (_, i) => `h${l}[${i}]`);
}

function outputNames(l) {
  return l + 1 === network.layers.length ? network.classes : inputNames(l + 1);
}

function parameterName(kind, l) {
  return network.layers.length === 1 ? kind : kind + (l + 1);
}

/* ---- what is drawn ---- */

/* What the training itself wrote of the loss: in the log, or at the end in the summary. With mini-batches or dropout a
 * row of the log is about something else than all observations. */
function recordedText(loss) {
  const atEnd = view.moment + 1 === data.iterations.length, {batch_size, dropout} = data.training;
  const value = atEnd ? Number(data.summary.loss) : logged('loss');
  if (Number.isNaN(value)) return 'nothing for this moment';
  const of = atEnd ? '' : batch_size > 0 ? ' of the batch' : dropout > 0 ? ' with dropout' : '';
  const same = of === '' && data.data.step === 1;
  return `${digits(value)}${of}${same ? `, a difference of ${Math.abs(loss - value).toExponential(0)}` : ''}`;
}

function showReadings(state) {
  const iteration = data.iterations[view.moment];
  setText('iteration', `${iteration} of ${data.iterations[data.iterations.length - 1]}`);
  setText('loss', digits(state.loss));
  setText('data-loss', digits(state.dataLoss));
  setText('reg-loss', digits(state.regLoss));
  setText('accuracy', percent(state.accuracy));
  setText('ratio', digits(updateRatio(state)));
  setText('recorded', recordedText(state.loss));
  byId('moment').setAttribute('aria-valuetext', `iteration ${iteration}, loss ${digits(state.loss)}, accuracy ${percent(state.accuracy)}`);
}

function showPlane() {
  drawPlane(byId('plane'), view.plane, weightsNow(), view.observation);
}

function showPoint(state) {
  const i = view.observation, k0 = i * K, l = view.layer, {inputs, outputs} = network.layers[l];
  const row = i * data.data.step, numbers = Array.from({length: K}, (_, k) => k);
  byId('observation').value = row;
  setText('point-class', `of class ${network.classes[y[i]]}`);
  byId('point-x').replaceChildren(table('its features x', network.mean ? ['feature', 'value', 'standardised'] : ['feature', 'value'],
    network.features.map((name, d) => [name, digits(X[i * D + d])].concat(network.mean ? [digits(state.A[0][i * D + d])] : []))));
  byId('point-scores').replaceChildren(table('its scores f, probabilities p and dF = p − 1(y = k)', ['class', 'f', 'p', 'dF'],
    numbers.map((k) => [network.classes[k], digits(state.scores[k0 + k]), digits(state.probs[k0 + k]),
                        digits(state.probs[k0 + k] - (k === y[i] ? 1 : 0))])));
  setText('point-loss', `Its loss −log p of its own class is ${digits(state.losses[i])}.`);
  const name = parameterName('dW', l), share = data.training.mean ? `, divided by ${y.length}` : '';
  setText('added-title', `What it adds to ${name}`);
  const last = l + 1 === network.layers.length;
  const caption = `${l === 0 ? 'x' : 'its h' + l}ᵀ times its row of ${last ? 'dF' : 'dZ' + (l + 1)}${share}`;
  byId('point-added').replaceChildren(matrixTable(caption, inputNames(l), outputNames(l),
    (d, j) => state.A[l][i * inputs + d] * state.dZ[l][i * outputs + j]));
}

function showWeights(state) {
  const l = view.layer, {inputs, outputs} = network.layers[l];
  const both = [['W', weightsOf(network, weightsNow(), l)], ['dW', state.dW[l]]];
  for (const [kind, values] of both) {
    const name = parameterName(kind, l);
    setText(kind + '-title', name);
    drawMatrix(byId(kind + '-map'), values, inputs, outputs);
    const text = matrixText(name, values, inputs, outputs);
    setText(kind + '-text', text);
    byId(kind + '-map').setAttribute('aria-label', text);
    if (byId('numbers').open)
      byId(kind + '-table').replaceChildren(matrixTable(name, inputNames(l), outputNames(l), (r, c) => values[r * outputs + c]));
  }
  setText('weights-ratio', `update ratio ${digits(updateRatio(state, l))}`);
}

function showMarks(state) {
  const iteration = data.iterations[view.moment];
  view.marks[0](iteration, state.loss);
  view.marks[1](iteration, state.accuracy);
  view.marks[2](iteration, updateRatio(state));
  const row = byId('log-table').querySelector('.now'), rows = byId('log-table').querySelectorAll('tbody tr');
  if (row) row.className = '';
  if (rows.length > 0 && log.at.has(iteration)) rows[log.at.get(iteration)].className = 'now';
}

/* Draws everything that depends on the state. */
function show() {
  const state = evaluate(network, weightsNow(), X, y, data.training);
  byId('moment').value = view.moment;
  showReadings(state);
  showPlane();
  showPoint(state);
  showWeights(state);
  showMarks(state);
}

/* ---- what is drawn once ---- */

function rowsOf(object, leftOut) {
  return Object.entries(object).filter(([name]) => !leftOut.includes(name))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]);
}

/* A warning as a sentence with its remedies. */
function warningText(warning) {
  return warning.text + (warning.try.length > 0 ? ': try ' + warning.try.join(warning.together ? ' and ' : ' or ') : '');
}

function drawSummary() {
  const {summary} = data, all = data.data.all_rows, shown = y.length;
  setText('title', data.network.title);
  setText('about', `${all} observations, ${D} features, ${K} classes` +
    (shown < all ? `; this page has ${shown} of them, and computes its numbers from those` : '') +
    '. Every number is computed here, from the weights at the moment that is shown.');
  setText('command', String(summary.command));
  byId('results').append(table('Results', [], rowsOf(summary, ['command', 'settings', 'data', 'network', 'warnings'])
    .concat(rowsOf(summary.data || {}, ['class_names']))
    .concat((summary.warnings || []).map((warning) => ['warning', warningText(warning)])), 'pairs'));
  byId('settings').append(table('Settings', [], rowsOf(summary.settings || {}, []), 'pairs'));
}

function drawCurves() {
  const xs = log.columns.iteration, curve = (name, className) => ({values: log.columns[name] || [], className});
  const both = (name) => [curve(name, 'training')].concat(
    log.columns.validation_loss ? [curve('validation_' + name, 'validation')] : []);
  view.marks = [drawChart(byId('loss-chart'), 'loss', xs, both('loss')),
                drawChart(byId('accuracy-chart'), 'accuracy', xs, both('accuracy')),
                drawChart(byId('ratio-chart'), 'update ratio, on a log axis', xs, [curve('update_ratio', 'training')], true)];
  byId('curves-key').append(element('li', data.training.batch_size > 0 ? 'the batch' : 'training data', 'key-training'));
  if (log.columns.validation_loss) byId('curves-key').append(element('li', 'validation data (without regularisation)', 'key-validation'));
  for (const id of ['loss-chart', 'accuracy-chart', 'ratio-chart'])
    byId(id).addEventListener('click', (event) => goTo(momentNear(iterationAt(byId(id), event, xs))));
}

/* The log has up to a thousand rows: the table is made when it is opened. */
function drawLog() {
  const every = data.log.step > 1 ? `, every ${data.log.step}th row of ${data.log.name}` : '';
  setText('log-title', `The log: ${log.rows.length} rows${every}`);
  byId('log').addEventListener('toggle', () => {
    if (byId('log-table').firstChild) return;
    const text = (value) => Number.isNaN(value) ? '–' : String(Number(value.toPrecision(7)));
    byId('log-table').append(table(data.log.name, log.names, log.rows.map((row) => row.map(text))));
    show();
  });
}

function drawAxes() {
  const choose = () => {
    view.plane = makePlane(network, X, y, [Number(byId('x-axis').value), D === 1 ? -1 : Number(byId('y-axis').value)]);
    const range = (name, [low, high]) => `${name} from ${digits(low)} to ${digits(high)}`;
    setText('plane-text', 'Across: ' + range(network.features[view.plane.axes[0]], view.plane.x) +
      (D === 1 ? '; up: the classes.' : '; up: ' + range(network.features[view.plane.axes[1]], view.plane.y_range) + '.') +
      (D > 2 ? ' All other features are at their means.' : ''));
  };
  network.features.forEach((name, d) => {
    byId('x-axis').append(option(name, d));
    byId('y-axis').append(option(name, d));
  });
  byId('x-axis').value = 0;
  byId('y-axis').value = Math.min(1, D - 1);
  byId('axes').hidden = D <= 2;
  for (const id of ['x-axis', 'y-axis'])
    byId(id).addEventListener('change', () => { choose(); showPlane(); });
  choose();
}

function drawLayers() {
  network.layers.forEach((_, l) => byId('layer').append(option(`${parameterName('W', l)} (${network.sizes[l]}, ${network.sizes[l + 1]})`, l)));
  byId('layer').addEventListener('change', () => { view.layer = Number(byId('layer').value); show(); });
  byId('numbers').addEventListener('toggle', show);
}

/* ---- what the reader does ---- */

function momentNear(iteration) {
  let nearest = 0;
  data.iterations.forEach((value, i) => {
    if (Math.abs(value - iteration) < Math.abs(data.iterations[nearest] - iteration)) nearest = i;
  });
  return nearest;
}

function goTo(moment) {
  view.moment = moment;
  show();
}

function choosePoint(observation) {
  view.observation = Math.max(0, Math.min(y.length - 1, observation));
  show();
}

function pause() {
  clearInterval(view.timer);
  view.timer = 0;
  setText('play', 'Play');
}

function advance() {
  if (view.moment + 1 === data.iterations.length) pause();
  else goTo(view.moment + 1);
}

function playOrPause() {
  if (view.timer) {
    pause();
    return;
  }
  if (view.moment + 1 === data.iterations.length) view.moment = 0;
  view.timer = setInterval(advance, FRAME_MILLISECONDS);
  setText('play', 'Pause');
}

function listen() {
  byId('play').addEventListener('click', playOrPause);
  byId('moment').addEventListener('input', () => { pause(); goTo(Number(byId('moment').value)); });
  byId('observation').max = (y.length - 1) * data.data.step;
  byId('observation').step = data.data.step;
  byId('observation').addEventListener('change', () => choosePoint(Math.round(Number(byId('observation').value) / data.data.step)));
  byId('plane').addEventListener('click', (event) => {
    const box = byId('plane').getBoundingClientRect(), scale = PLANE_SIZE / box.width;
    choosePoint(nearestTo(view.plane, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale));
  });
  byId('plane').addEventListener('keydown', (event) => {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    choosePoint(view.observation + step);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
}

/* The observation that adds most to the gradient of the first layer's weights at the moment that is shown. */
function hardest() {
  const {A, dZ} = evaluate(network, weightsNow(), X, y, data.training), H = network.sizes[1];
  const sizes = y.map((_, i) => norm(A[0].subarray(i * D, (i + 1) * D)) * norm(dZ[0].subarray(i * H, (i + 1) * H)));
  return Math.max(0, sizes.indexOf(Math.max(...sizes)));
}

function start() {
  byId('moment').max = data.iterations.length - 1;
  view.moment = data.iterations.length - 1;
  byId('plane').setAttribute('aria-label', 'The decision boundary and the observations; the arrow keys choose an observation');
  fillClassLegend(byId('classes'), network.classes);
  drawSummary();
  drawCurves();
  drawLog();
  drawAxes();
  drawLayers();
  listen();
  view.observation = hardest();
  show();
}

start();
