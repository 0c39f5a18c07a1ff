"""The case study as a script with NumPy and matplotlib: the job of `spiral train --model linear` and `--model mlp`, for
part_figures.py to time. notes.py FOLDER"""

import csv
import pathlib
import sys
import time

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

RATE, REG, POINTS, CLASSES = 1.0, 1e-3, 100, 3
COLUMNS = ["iteration", "loss", "data_loss", "reg_loss", "accuracy", "grad_norm", "update_ratio", "learning_rate",
           "seconds"]


def generate(stream):
    X, y = np.zeros((POINTS * CLASSES, 2)), np.zeros(POINTS * CLASSES, dtype=int)
    for j in range(CLASSES):
        rows = slice(POINTS * j, POINTS * (j + 1))
        r = np.linspace(0.0, 1, POINTS)
        t = np.linspace(j * 4, (j + 1) * 4, POINTS) + stream.randn(POINTS) * 0.2
        X[rows] = np.c_[r * np.sin(t), r * np.cos(t)]
        y[rows] = j
    return X, y


def scores(parameters, X):
    """The scores, and the hidden layer or X itself."""
    layer = X
    for W, b in parameters[:-1]:
        layer = np.maximum(0, np.dot(layer, W) + b)
    W, b = parameters[-1]
    return np.dot(layer, W) + b, layer


def gradient(parameters, X, y):
    """data loss, regularisation loss, accuracy, [(dW, db), ...]"""
    rows = np.arange(len(X))
    f, layer = scores(parameters, X)
    exp_scores = np.exp(f)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    data_loss = -np.sum(np.log(probs[rows, y])) / len(X)
    reg_loss = sum(0.5 * REG * np.sum(W * W) for W, _ in parameters)
    dscores = probs
    dscores[rows, y] -= 1
    dscores /= len(X)
    W = parameters[-1][0]
    pairs = [(np.dot(layer.T, dscores) + REG * W, np.sum(dscores, axis=0))]
    if len(parameters) == 2:
        dhidden = np.dot(dscores, W.T)
        dhidden[layer <= 0] = 0
        pairs.insert(0, (np.dot(X.T, dhidden) + REG * parameters[0][0], np.sum(dhidden, axis=0)))
    return data_loss, reg_loss, f, pairs


def norm(arrays):
    return np.sqrt(sum(np.sum(array * array) for array in arrays))


def train(parameters, X, y, iterations, log_every, print_every, writer):
    started = time.monotonic()
    history = []
    for iteration in range(iterations):
        data_loss, reg_loss, f, pairs = gradient(parameters, X, y)
        loss = data_loss + reg_loss
        if iteration % print_every == 0:
            print(f"iteration {iteration}: loss {loss:f}")
        if iteration % log_every == 0:
            ratio = RATE * norm(dW for dW, _ in pairs) / norm(W for W, _ in parameters)
            writer.writerow([iteration, loss, data_loss, reg_loss, np.mean(np.argmax(f, axis=1) == y),
                             norm(array for pair in pairs for array in pair), ratio, RATE, time.monotonic() - started])
            history.append((iteration, loss))
        for (W, b), (dW, db) in zip(parameters, pairs):
            W -= RATE * dW
            b -= RATE * db
    return history


def draw_boundary(parameters, X, y, title, path):
    step = 0.02
    x_min, x_max, y_min, y_max = X[:, 0].min() - 1, X[:, 0].max() + 1, X[:, 1].min() - 1, X[:, 1].max() + 1
    xx, yy = np.meshgrid(np.arange(x_min, x_max, step), np.arange(y_min, y_max, step))
    regions = np.argmax(scores(parameters, np.c_[xx.ravel(), yy.ravel()])[0], axis=1).reshape(xx.shape)
    figure, axes = plt.subplots(figsize=(9, 8))
    axes.contourf(xx, yy, regions, alpha=0.4)
    for k in range(CLASSES):
        axes.scatter(X[y == k, 0], X[y == k, 1], edgecolors="black", label=str(k))
    axes.legend()
    axes.set_title(title)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def draw_loss(history, title, path):
    figure, axes = plt.subplots(figsize=(9, 8))
    axes.plot(*zip(*history))
    axes.set(xlabel="iteration", ylabel="loss", title=title)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def run(name, parameters, X, y, iterations, log_every, print_every, out):
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "loss.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        history = train(parameters, X, y, iterations, log_every, print_every, writer)
    accuracy = np.mean(np.argmax(scores(parameters, X)[0], axis=1) == y)
    print(f"training accuracy: {accuracy:.2f}")
    np.savez(out / "model.npz", **{f"{letter}{layer + 1}": array for layer, pair in enumerate(parameters)
                                   for letter, array in zip("Wb", pair)})
    draw_boundary(parameters, X, y, f"{name}, training accuracy {accuracy:.2f}", out / "boundary.png")
    draw_loss(history, name, out / "loss.png")


def main():
    out = pathlib.Path(sys.argv[1])
    stream = np.random.RandomState(0)
    X, y = generate(stream)
    stream.randn(18)  # drawn by cells that the notes' author had run before
    linear = [(0.01 * stream.randn(2, CLASSES), np.zeros(CLASSES))]
    run("Linear classifier", linear, X, y, 200, 1, 10, out / "linear")
    two_layers = [(0.01 * stream.randn(2, 100), np.zeros(100)), (0.01 * stream.randn(100, CLASSES), np.zeros(CLASSES))]
    run("Two-layer network", two_layers, X, y, 10000, 10, 1000, out / "mlp")


if __name__ == "__main__":
    main()
