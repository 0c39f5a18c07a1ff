"""The peers of `spiral train`, each in a process of its own that lives through the whole bench.

    worker.py numpy|torch|sklearn THREADS

The caller has set the environment's numbers of threads. Requests and answers are lines of JSON on stdin and stdout:
{"do": "load", ...}, {"do": "train", "warm": w} and {"do": "dgemm", "size": n}.

Every peer does the same iteration in double precision, full batch: the loss, its gradient, the update. All start from
the weights that spiral starts from, RandomState(0) in the order of the layers.
"""

import json
import os
import sys
import time

import numpy as np


class Peer:
    def __init__(self, threads):
        self.threads = threads

    def load(self, X, y, hidden, learning_rate, reg):
        self.X, self.y = np.load(X), np.load(y)
        self.learning_rate, self.reg = learning_rate, reg
        sizes = [self.X.shape[1], *([hidden] if hidden else []), int(self.y.max()) + 1]
        stream = np.random.RandomState(0)
        self.initial = [(0.01 * stream.randn(d, h), np.zeros(h)) for d, h in zip(sizes[:-1], sizes[1:])]
        self.prepare()
        return {}

    def prepare(self):
        """What a tool does once with the data, outside the iterations."""

    def train(self, warm, runs):
        """runs * warm + 1 iterations: the loss after runs * warm updates, the time of each of them but the first warm, and
        that in the fastest run of warm."""
        loss, ticks = self.iterate(runs * warm + 1)
        ticks = ticks[warm::warm]
        return {"loss": float(loss), "seconds": (ticks[-1] - ticks[0]) / ((runs - 1) * warm),
                "fastest": min(end - start for start, end in zip(ticks, ticks[1:])) / warm}

    def iterate(self, iterations):
        """The loss that the last of the iterations computed, and the times at which each ended."""
        self.start()
        ticks = []
        for _ in range(iterations):
            loss = self.step()
            ticks.append(time.perf_counter())
        return loss, ticks

    def memory(self, iterations):
        """The peak of this process after some iterations, in bytes."""
        self.iterate(iterations)
        with open("/proc/self/status", encoding="ascii") as file:
            return {"peak": next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))}

    def dgemm(self, size):
        """The rate of a square matrix product, in floating-point operations a second: the best of three."""
        if not hasattr(self, "factors") or len(self.factors[0]) != size:
            self.factors = np.random.RandomState(0).randn(2, size, size)
            self.product = np.empty((size, size))
            np.dot(*self.factors, out=self.product)
        best = float("inf")
        for _ in range(3):
            started = time.perf_counter()
            np.dot(*self.factors, out=self.product)
            best = min(best, time.perf_counter() - started)
        return {"rate": 2 * size**3 / best}


class NumpyPeer(Peer):
    """The way of the notes' cells: whole matrices, one line a formula."""

    def start(self):
        self.parameters = [(W.copy(), b.copy()) for W, b in self.initial]
        self.rows = np.arange(len(self.X))
        self.step = self.step_two_layers if len(self.initial) == 2 else self.step_linear

    def loss_and_dscores(self, scores):
        exp_scores = np.exp(scores)
        probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
        data_loss = -np.sum(np.log(probs[self.rows, self.y])) / len(self.X)
        reg_loss = sum(0.5 * self.reg * np.sum(W * W) for W, _ in self.parameters)
        dscores = probs
        dscores[self.rows, self.y] -= 1
        dscores /= len(self.X)
        return data_loss + reg_loss, dscores

    def step_linear(self):
        (W, b), = self.parameters
        loss, dscores = self.loss_and_dscores(np.dot(self.X, W) + b)
        dW = np.dot(self.X.T, dscores) + self.reg * W
        db = np.sum(dscores, axis=0)
        W -= self.learning_rate * dW
        b -= self.learning_rate * db
        return loss

    def step_two_layers(self):
        (W1, b1), (W2, b2) = self.parameters
        hidden = np.maximum(0, np.dot(self.X, W1) + b1)
        loss, dscores = self.loss_and_dscores(np.dot(hidden, W2) + b2)
        dW2 = np.dot(hidden.T, dscores) + self.reg * W2
        db2 = np.sum(dscores, axis=0)
        dhidden = np.dot(dscores, W2.T)
        dhidden[hidden <= 0] = 0
        dW1 = np.dot(self.X.T, dhidden) + self.reg * W1
        db1 = np.sum(dhidden, axis=0)
        for parameter, gradient in ((W1, dW1), (b1, db1), (W2, dW2), (b2, db2)):
            parameter -= self.learning_rate * gradient
        return loss


class TorchPeer(Peer):
    """Tensors in double precision, automatic differentiation, and the update by hand."""

    def __init__(self, threads):
        super().__init__(threads)
        import torch
        self.torch = torch
        torch.set_num_threads(threads)

    def prepare(self):
        self.inputs, self.labels = self.torch.from_numpy(self.X), self.torch.from_numpy(self.y)

    def start(self):
        self.parameters = [(self.torch.tensor(W, requires_grad=True), self.torch.tensor(b, requires_grad=True))
                           for W, b in self.initial]

    def step(self):
        torch = self.torch
        layer = self.inputs
        for W, b in self.parameters[:-1]:
            layer = torch.relu(torch.addmm(b, layer, W))
        W, b = self.parameters[-1]
        loss = torch.nn.functional.cross_entropy(torch.addmm(b, layer, W), self.labels)
        loss = loss + 0.5 * self.reg * sum((W * W).sum() for W, _ in self.parameters)
        loss.backward()
        with torch.no_grad():
            for pair in self.parameters:
                for parameter in pair:
                    parameter -= self.learning_rate * parameter.grad
                    parameter.grad = None
        return loss


class SklearnPeer(Peer):
    """MLPClassifier set to plain full-batch gradient descent. Its penalty is alpha / 2N, so alpha is N reg. Two of its
    methods are overridden: one to give it the weights, one, called once an iteration, to take the time."""

    def __init__(self, threads):
        super().__init__(threads)
        import warnings
        import sklearn.exceptions
        import sklearn.neural_network
        warnings.simplefilter("ignore", sklearn.exceptions.ConvergenceWarning)

        class Classifier(sklearn.neural_network.MLPClassifier):
            def _init_coef(self, fan_in, fan_out, dtype):
                W, b = next(self.weights)
                return W.copy(), b.copy()

            def _update_no_improvement_count(self, *arguments):
                super()._update_no_improvement_count(*arguments)
                self.ticks.append(time.perf_counter())

        self.Classifier = Classifier

    def iterate(self, iterations):
        classifier = self.Classifier(
            hidden_layer_sizes=tuple(len(b) for _, b in self.initial[:-1]), activation="relu", solver="sgd",
            alpha=self.reg * len(self.X), batch_size=len(self.X), learning_rate="constant",
            learning_rate_init=self.learning_rate, momentum=0.0, nesterovs_momentum=False, shuffle=False,
            max_iter=iterations, tol=0.0, n_iter_no_change=iterations + 1)
        classifier.weights, classifier.ticks = iter(self.initial), []
        classifier.fit(self.X, self.y)
        return classifier.loss_curve_[-1], classifier.ticks


PEERS = {"numpy": NumpyPeer, "torch": TorchPeer, "sklearn": SklearnPeer}


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    peer = PEERS[sys.argv[1]](int(sys.argv[2]))
    for line in sys.stdin:
        request = json.loads(line)
        answer = getattr(peer, request.pop("do"))(**request)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
