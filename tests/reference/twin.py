"""The case study once more, in plain NumPy: an independent twin of `spiral train` to compare it with.

Nothing here is tuned or shared with the program: whole matrices, one line a formula, in the notes' names.
"""

import csv

import numpy as np


def generate(stream, classes=3, points=100, noise=0.2):
    """The notes' spiral: X (N, 2) and y (N), drawn from stream, a numpy.random.RandomState."""
    X = np.zeros((classes * points, 2))
    y = np.zeros(classes * points, dtype=np.int64)
    for j in range(classes):
        rows = slice(j * points, (j + 1) * points)
        r = np.linspace(0.0, 1.0, points)
        t = np.linspace(j * 4, (j + 1) * 4, points) + stream.randn(points) * noise
        X[rows] = np.c_[r * np.sin(t), r * np.cos(t)]
        y[rows] = j
    return X, y


def load_csv(path):
    """X, y and the class names of a CSV file with a header and the label, a string, in its last column."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    names, y = np.unique([row[-1] for row in rows], return_inverse=True)
    return np.array([row[:-1] for row in rows], dtype=float), y, list(names)


def standardize(X):
    """(X - mean) / deviation, and the two."""
    mean, scale = X.mean(axis=0), X.std(axis=0)
    return (X - mean) / scale, mean, scale


def initialize(stream, sizes, scale=0.01):
    """[(W1, b1), (W2, b2), ...] of a chain of layers: sizes is D, the hidden sizes, K."""
    return [(scale * stream.randn(d, h), np.zeros(h)) for d, h in zip(sizes[:-1], sizes[1:])]


def scores(parameters, X):
    """F (N, K), and the input of every layer."""
    inputs = [X]
    for W, b in parameters[:-1]:
        inputs.append(np.maximum(0, inputs[-1] @ W + b))
    W, b = parameters[-1]
    return inputs[-1] @ W + b, inputs


def loss_and_gradient(parameters, X, y, reg, reduction="mean"):
    """The loss, its data and regularisation parts, and [(dW1, db1), ...]."""
    n = len(X)
    divisor = n if reduction == "mean" else 1
    F, inputs = scores(parameters, X)
    shifted = F - F.max(axis=1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    data_loss = -logprobs[np.arange(n), y].sum() / divisor
    reg_loss = sum(0.5 * reg * np.sum(W * W) for W, _ in parameters)

    upstream = np.exp(logprobs)
    upstream[np.arange(n), y] -= 1
    upstream /= divisor
    gradient = []
    for (W, _), A in zip(reversed(parameters), reversed(inputs)):
        gradient.insert(0, (A.T @ upstream + reg * W, upstream.sum(axis=0)))
        upstream = (upstream @ W.T) * (A > 0)
    return data_loss + reg_loss, data_loss, reg_loss, gradient


def accuracy(parameters, X, y):
    return np.mean(scores(parameters, X)[0].argmax(axis=1) == y)


def norm(pairs):
    """The 2-norm of a whole gradient."""
    return np.sqrt(sum(np.sum(W * W) + np.sum(b * b) for W, b in pairs))


def train(parameters, X, y, iterations, learning_rate=1.0, reg=1e-3, reduction="mean"):
    """Full-batch gradient descent. The parameters after it, and a record of every iteration: loss, data_loss,
    reg_loss, grad_norm, all before that iteration's update."""
    records = []
    for _ in range(iterations):
        loss, data_loss, reg_loss, gradient = loss_and_gradient(parameters, X, y, reg, reduction)
        records.append((loss, data_loss, reg_loss, norm(gradient)))
        parameters = [(W - learning_rate * dW, b - learning_rate * db)
                      for (W, b), (dW, db) in zip(parameters, gradient)]
    return parameters, records
