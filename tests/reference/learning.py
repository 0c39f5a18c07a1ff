"""What the notes on learning add to the twin, in plain NumPy: activations, initialisations, update rules, schedules,
mini-batches, dropout and L1. One line a formula; nothing is shared with the program.
"""

import numpy as np

import twin

ACTIVATIONS = {
    # the value of z, and the slope there
    "relu": (lambda z: np.maximum(0, z), lambda z: (z > 0) * 1.0),
    "leaky-relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
}


def initialize(stream, sizes, init="gaussian", scale=0.01):
    """[W1, b1, W2, b2, ...] of a chain of layers."""
    parameters = []
    for d, h in zip(sizes, sizes[1:]):
        deviation = {"gaussian": 1, "xavier": np.sqrt(2 / (d + h)), "he": np.sqrt(2 / d), "lecun": 1 / np.sqrt(d)}[init]
        parameters += [scale * deviation * stream.randn(d, h), np.zeros(h)]
    return parameters


def rate_at(t, iterations, base, schedule="constant", decay=1e-3, decay_every=1000, decay_factor=0.5, warmup=0):
    """The learning rate of iteration t."""
    rate = {"constant": lambda: base,
            "step": lambda: base * decay_factor ** (t // decay_every),
            "exponential": lambda: base * np.exp(-decay * t),
            "inverse": lambda: base / (1 + decay * t),
            "cosine": lambda: base * (1 + np.cos(np.pi * t / iterations)) / 2}[schedule]()
    return rate * (t + 1) / warmup if t < warmup else rate


class Updater:
    """The rules of the notes' section on parameter updates, for a list of arrays."""

    def __init__(self, parameters, optimizer="sgd", momentum=0.9, beta1=0.9, beta2=0.999, decay_rate=0.99,
                 epsilon=1e-8):
        self.optimizer, self.momentum, self.beta1, self.beta2 = optimizer, momentum, beta1, beta2
        self.decay_rate, self.epsilon, self.t = decay_rate, epsilon, 0
        self.v, self.m, self.cache = ([np.zeros_like(p) for p in parameters] for _ in range(3))

    def step(self, i, x, dx, rate):
        """Array number i after its update."""
        if self.optimizer == "sgd":
            return x - rate * dx
        if self.optimizer in ("momentum", "nesterov"):
            v_prev, self.v[i] = self.v[i], self.momentum * self.v[i] - rate * dx
            if self.optimizer == "momentum":
                return x + self.v[i]
            return x - self.momentum * v_prev + (1 + self.momentum) * self.v[i]
        if self.optimizer == "adagrad":
            self.cache[i] = self.cache[i] + dx ** 2
            return x - rate * dx / (np.sqrt(self.cache[i]) + self.epsilon)
        if self.optimizer == "rmsprop":
            self.cache[i] = self.decay_rate * self.cache[i] + (1 - self.decay_rate) * dx ** 2
            return x - rate * dx / (np.sqrt(self.cache[i]) + self.epsilon)
        self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * dx
        self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * dx ** 2
        m_hat, v_hat = self.m[i] / (1 - self.beta1 ** self.t), self.v[i] / (1 - self.beta2 ** self.t)
        return x - rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


def loss_and_gradient(parameters, X, y, activation, masks, reg, l1, decoupled):
    """The loss, and the gradient of every array; masks: of each hidden layer, what dropout multiplies its output by."""
    act, slope = ACTIVATIONS[activation]
    weights, biases = parameters[::2], parameters[1::2]
    inputs, sums = [X], []
    for W, b, mask in zip(weights, biases, masks):
        sums.append(inputs[-1] @ W + b)
        inputs.append(act(sums[-1]) * mask)
    F = inputs[-1] @ weights[-1] + biases[-1]
    shifted = F - F.max(axis=1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    own = np.arange(len(y)), y
    loss = -logprobs[own].mean() + sum(reg / 2 * np.sum(W * W) + l1 * np.sum(np.abs(W)) for W in weights)

    upstream = np.exp(logprobs)
    upstream[own] -= 1
    upstream /= len(y)
    gradient = []
    for l in reversed(range(len(weights))):
        dW = inputs[l].T @ upstream + l1 * np.sign(weights[l])
        gradient = [dW if decoupled else dW + reg * weights[l], upstream.sum(axis=0)] + gradient
        if l > 0:
            upstream = (upstream @ weights[l].T) * masks[l - 1] * slope(sums[l - 1])
    return loss, gradient


def train(parameters, X, y, iterations, seed, learning_rate, activation="relu", reg=1e-3, l1=0.0, batch_size=0,
          dropout=0.0, max_grad_norm=0.0, optimizer=None, schedule=None):
    """The parameters after it, and of every iteration the loss before its update and its learning rate."""
    updater = Updater(parameters, **(optimizer or {}))
    order_stream, dropout_stream = np.random.RandomState(seed + 1), np.random.RandomState(seed + 2)
    decoupled = updater.optimizer == "adamw"
    records, batches = [], []
    for t in range(iterations):
        if not batches:
            order = order_stream.permutation(len(y)) if batch_size else np.arange(len(y))
            batches = np.split(order, range(batch_size, len(y), batch_size)) if batch_size else [order]
        rows, keep = batches.pop(0), 1 - dropout
        masks = [(dropout_stream.random_sample((len(rows), len(b))) < keep) / keep if dropout else 1.0
                 for b in parameters[1:-1:2]]
        loss, gradient = loss_and_gradient(parameters, X[rows], y[rows], activation, masks, reg, l1, decoupled)
        norm = twin.norm(list(zip(gradient[::2], gradient[1::2])))
        if max_grad_norm and norm > max_grad_norm:
            gradient = [max_grad_norm / norm * d for d in gradient]
        rate = rate_at(t, iterations, learning_rate, **(schedule or {}))
        records.append((loss, rate, norm))
        updater.t += 1
        parameters = [updater.step(i, x, dx, rate) - (rate * reg * x if decoupled and i % 2 == 0 else 0)
                      for i, (x, dx) in enumerate(zip(parameters, gradient))]
    return parameters, records
