"""What spiral_dataset_generate, _split and _fold do, by NumPy, from the formulas in include/spiral/generate.h and split.h."""

import math

import numpy as np


def each(function):
    """math's function of every number: numpy's own differs in the last digits between processors."""
    return lambda values: np.array([function(value) for value in values])


sin, cos, log = each(math.sin), each(math.cos), each(math.log)


def class_sizes(classes, points, balance):
    if balance is None:
        return [points] * classes
    ends = np.cumsum([0, *balance]) * classes * points // sum(balance)
    return list(np.diff(ends))


def spiral(rng, sizes, noise, radius, shares, turns, offset):
    parts = []
    for j, n in enumerate(sizes):
        r = np.linspace(0.0, radius, n)
        t = np.linspace(offset * j, offset * j + 2 * math.pi * turns, n) + rng.randn(n) * noise
        parts.append(np.c_[r * sin(t), r * cos(t)])
    return np.concatenate(parts)


def circles(rng, sizes, noise, radius, shares, turns, offset):
    K = len(sizes)
    parts = []
    for j, n in enumerate(sizes):
        t = np.linspace(0, 2 * math.pi, n, endpoint=False)
        parts.append(radius * (K - j) / K * np.c_[cos(t), sin(t)] + noise * rng.randn(n, 2))
    return np.concatenate(parts)


def moons(rng, sizes, noise, radius, shares, turns, offset):
    outer, inner = (np.linspace(0, math.pi, n) for n in sizes)
    X = np.concatenate([np.c_[cos(outer), sin(outer)], np.c_[1 - cos(inner), 1 - sin(inner) - 0.5]])
    return radius * X + noise * rng.randn(*X.shape)


def blobs(rng, sizes, noise, radius, shares, turns, offset):
    centres = rng.uniform(-radius, radius, (len(sizes), 2))
    return np.concatenate([c + noise * rng.randn(n, 2) for c, n in zip(centres, sizes)])


def xor(rng, sizes, noise, radius, shares, turns, offset):
    rows = []
    for j, n in enumerate(sizes):
        for _ in range(n):
            a = radius * (2 * rng.random_sample() - 1)
            b = radius * rng.random_sample()
            same = 1 if j == 0 else -1
            rows.append(np.array([a, same * math.copysign(b, a)]) + noise * rng.randn(2))
    return np.array(rows)


def gaussian_quantiles(rng, sizes, noise, radius, shares, turns, offset):
    shares = np.array(shares if shares is not None else [1] * len(sizes))
    from_class = [shares[j:].sum() / shares.sum() for j in range(len(shares) + 1)]
    rows = []
    for j, n in enumerate(sizes):
        for _ in range(n):
            u, v = rng.random_sample(2)
            q = from_class[j + 1] + (from_class[j] - from_class[j + 1]) * (1 - u)
            r = radius * math.sqrt(-2 * math.log(q))
            rows.append(r * np.array([math.cos(2 * math.pi * v), math.sin(2 * math.pi * v)]) + noise * rng.randn(2))
    return np.array(rows)


SHAPES = {"spiral": spiral, "circles": circles, "moons": moons, "blobs": blobs, "xor": xor,
          "gaussian-quantiles": gaussian_quantiles}


def generate(shape, classes, points, noise, seed, radius=1.0, turns=2 / math.pi, balance=None, dimensions=2,
             label_noise=0.0, arm_offset=4):
    """X, y and the RandomState behind it all."""
    rng = np.random.RandomState(seed)
    sizes = class_sizes(classes, points, balance)
    X = SHAPES[shape](rng, sizes, noise, radius, balance, turns, arm_offset)
    y = np.repeat(np.arange(classes), sizes)
    if dimensions > 2:
        X = np.c_[X, rng.randn(len(X), dimensions - 2)]
    if label_noise > 0:
        u = rng.random_sample((len(y), 2))
        other = (y + 1 + np.floor(u[:, 1] * (classes - 1)).astype(int)) % classes
        y = np.where(u[:, 0] < label_noise, other, y)
    return X, y, rng


def dealt(y, seed):
    """The rows of each class in the order of its permutation."""
    rng = np.random.RandomState((seed + 3) % 2**32)
    for k in range(max(y) + 1):
        rows = np.flatnonzero(y == k)
        yield rows[rng.permutation(len(rows))]


def split(y, fraction, seed):
    """The validation rows, in order."""
    chosen = []
    for rows in dealt(y, seed):
        n = len(rows)
        chosen.extend(rows[:min(max(round(fraction * n), 1), n - 1) if n > 1 else 0])
    return sorted(chosen)


def fold(y, folds, index, seed):
    return sorted(row for rows in dealt(y, seed) for row in rows[index::folds])
