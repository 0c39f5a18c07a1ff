/* The network: its forward pass, its loss and its gradient, as the notes have them. Matrices are row-major arrays, and
 * comments give their shapes. */

/* Where each layer's weights W (inputs, outputs) and biases b (outputs) are among the parameters. */
function networkLayers(sizes) {
  const layers = [];
  let place = 0;
  for (let l = 0; l + 1 < sizes.length; l++) {
    const inputs = sizes[l], outputs = sizes[l + 1];
    layers.push({inputs, outputs, W: place, b: place + inputs * outputs});
    place += inputs * outputs + outputs;
  }
  return layers;
}

function makeNetwork(description) {
  const layers = networkLayers(description.sizes);
  const last = layers[layers.length - 1];
  return {
    layers, sizes: description.sizes, activation: description.activation, slope: description.leaky_slope,
    features: description.features, classes: description.classes, count: last.b + last.outputs,
    mean: description.mean ? new Float64Array(bytesOf(description.mean)) : null,
    scale: description.scale ? new Float64Array(bytesOf(description.scale)) : null,
  };
}

function activate(network, z) {
  switch (network.activation) {
    case 'relu': return Math.max(0, z);
    case 'leaky-relu': return z > 0 ? z : network.slope * z;
    case 'tanh': return Math.tanh(z);
    default: return 1 / (1 + Math.exp(-z)); // sigmoid
  }
}

/* The slope of the activation where its value is a. */
function slopeAt(network, a) {
  switch (network.activation) {
    case 'relu': return a > 0 ? 1 : 0;
    case 'leaky-relu': return a > 0 ? 1 : network.slope;
    case 'tanh': return 1 - a * a;
    default: return a * (1 - a);
  }
}

/* One row through layer l: to[t..] = act(from[f..] W + b), without the activation in the last layer. */
function layerRow(network, weights, l, from, f, to, t) {
  const layer = network.layers[l], last = l + 1 === network.layers.length;
  for (let j = 0; j < layer.outputs; j++) to[t + j] = weights[layer.b + j];
  for (let d = 0; d < layer.inputs; d++) {
    const a = from[f + d], row = layer.W + d * layer.outputs;
    if (a !== 0) for (let j = 0; j < layer.outputs; j++) to[t + j] += a * weights[row + j];
  }
  if (!last) for (let j = 0; j < layer.outputs; j++) to[t + j] = activate(network, to[t + j]);
}

/* The value of feature d as the first layer sees it. */
function standardized(network, value, d) {
  return network.mean ? (value - network.mean[d]) / network.scale[d] : value;
}

/* A[l] (N, sizes[l]): the inputs of layer l for all rows of X (N, D); the last are the scores. */
function forward(network, weights, X, N) {
  const D = network.sizes[0];
  const A = [Float64Array.from(X, (value, i) => standardized(network, value, i % D))];
  network.layers.forEach((layer, l) => {
    A.push(new Float64Array(N * layer.outputs));
    for (let i = 0; i < N; i++) layerRow(network, weights, l, A[l], i * layer.inputs, A[l + 1], i * layer.outputs);
  });
  return A;
}

/* The probabilities of K scores, from[f..], and the logarithm of the sum of their exponentials. */
function softmaxRow(from, f, K, to, t) {
  let largest = -Infinity, sum = 0;
  for (let k = 0; k < K; k++) largest = Math.max(largest, from[f + k]);
  for (let k = 0; k < K; k++) sum += to[t + k] = Math.exp(from[f + k] - largest);
  for (let k = 0; k < K; k++) to[t + k] /= sum;
  return largest + Math.log(sum);
}

/* The class with the highest score; of equal ones the first. */
function highest(scores, start, K) {
  let best = 0;
  for (let k = 1; k < K; k++) if (scores[start + k] > scores[start + best]) best = k;
  return best;
}

/* 1/2 reg sum W^2 + l1 sum |W| */
function regularization(network, weights, training) {
  let squares = 0, sizes = 0;
  for (const layer of network.layers)
    for (let i = layer.W; i < layer.b; i++) {
      squares += weights[i] * weights[i];
      sizes += Math.abs(weights[i]);
    }
  return 0.5 * training.reg * squares + training.l1 * sizes;
}

/* Loss, accuracy, and for each layer dZ (N, outputs), dW (inputs, outputs), db (outputs), of the observations X, y. */
function evaluate(network, weights, X, y, training) {
  const N = y.length, L = network.layers.length, K = network.sizes[L];
  const A = forward(network, weights, X, N), scores = A[L];
  const probs = new Float64Array(N * K), losses = new Float64Array(N), dF = new Float64Array(N * K);
  const share = training.mean ? 1 / N : 1; // of an observation in the data loss
  let dataLoss = 0, correct = 0;
  for (let i = 0; i < N; i++) {
    losses[i] = softmaxRow(scores, i * K, K, probs, i * K) - scores[i * K + y[i]];
    dataLoss += share * losses[i];
    correct += highest(scores, i * K, K) === y[i] ? 1 : 0;
    for (let k = 0; k < K; k++) dF[i * K + k] = share * (probs[i * K + k] - (k === y[i] ? 1 : 0));
  }
  const regLoss = regularization(network, weights, training);
  const gradient = backward(network, weights, A, dF, N, training);
  return {A, scores, probs, losses, dataLoss, regLoss, loss: dataLoss + regLoss, accuracy: correct / N, share, ...gradient};
}

/* From dF (N, K) down: dW = A^T dZ, db = 1^T dZ, and dZ of the layer below is dZ W^T times the activation's slope. */
function backward(network, weights, A, dF, N, training) {
  const dZ = [], dW = [], db = [];
  dZ[network.layers.length - 1] = dF;
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const {inputs, outputs, W} = network.layers[l];
    dW[l] = new Float64Array(inputs * outputs);
    db[l] = new Float64Array(outputs);
    for (let i = 0; i < N; i++)
      for (let j = 0; j < outputs; j++) {
        const dz = dZ[l][i * outputs + j];
        if (dz === 0) continue;
        db[l][j] += dz;
        for (let d = 0; d < inputs; d++) dW[l][d * outputs + j] += A[l][i * inputs + d] * dz;
      }
    if (l > 0) dZ[l - 1] = pastActivation(network, weights, l, A[l], dZ[l], N);
    const reg = training.decoupled ? 0 : training.reg;
    for (let i = 0; i < dW[l].length; i++) dW[l][i] += reg * weights[W + i] + training.l1 * Math.sign(weights[W + i]);
  }
  return {dZ, dW, db};
}

/* The gradient before the activation below layer l: dZ W^T (N, inputs), times the slope at A (N, inputs). */
function pastActivation(network, weights, l, A, dZ, N) {
  const {inputs, outputs, W} = network.layers[l];
  const below = new Float64Array(N * inputs);
  for (let i = 0; i < N; i++)
    for (let d = 0; d < inputs; d++) {
      let sum = 0;
      for (let j = 0; j < outputs; j++) sum += dZ[i * outputs + j] * weights[W + d * outputs + j];
      below[i * inputs + d] = sum * slopeAt(network, A[i * inputs + d]);
    }
  return below;
}

function norm(values) {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/* The 2-norm of all dW together; with biases also of the db. */
function gradientNorm(state, biases) {
  return Math.hypot(...state.dW.map(norm), ...(biases ? state.db.map(norm) : []));
}

function weightsOf(network, weights, l) {
  const {W, b} = network.layers[l];
  return weights.subarray(W, b);
}
