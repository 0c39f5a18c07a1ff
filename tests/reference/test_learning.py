"""`spiral train` with everything that the notes on learning teach, against NumPy and, where it is installed, PyTorch:
after 200 iterations weights and losses agree to 1e-10.

The rates are such that the twin itself stays within 1e-10 when its first weights are changed in their last digit. (Three
layers of tanh at a rate of 0.3 don't, nor does rmsprop where it has nothing left to learn: such runs say nothing about a
program.)
"""

import unittest

import numpy as np

import learning
import twin
from support import SpiralTest, read_log

try:
    import torch
except ImportError:
    torch = None

ITERATIONS = 200
TOLERANCE = 1e-10
SEED = 3
# A rate at which each rule gets somewhere, and other settings than the defaults: one that goes unheard is noticed.
RATES = {"sgd": 0.5, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.05, "rmsprop": 0.003, "adam": 0.01, "adamw": 0.01}
MOMENTUM, BETA1, BETA2, DECAY_RATE, EPSILON = 0.85, 0.8, 0.99, 0.95, 1e-6
SETTINGS = {"sgd": {},
            "momentum": {"momentum": MOMENTUM},
            "nesterov": {"momentum": MOMENTUM},
            "adagrad": {"epsilon": EPSILON},
            "rmsprop": {"decay_rate": DECAY_RATE, "epsilon": EPSILON},
            "adam": {"beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON},
            "adamw": {"beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON}}
SCHEDULES = {"constant": {},
             "step": {"decay_every": 30, "decay_factor": 0.7},
             "exponential": {"decay": 0.02},
             "inverse": {"decay": 0.02},
             "cosine": {}}


def options_of(settings):
    """--name value of {name: value}, in the program's spelling."""
    return [part for name, value in settings.items() for part in ("--" + name.replace("_", "-"), value)]


class LearningTest(SpiralTest):
    def assert_close(self, ours, theirs, what):
        """Within 1e-10, absolutely where the numbers are below one and relatively above."""
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        self.assertEqual(ours.shape, theirs.shape, what)
        error = np.max(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs)))
        self.assertLessEqual(error, TOLERANCE, what)

    def train(self, *options):
        """The arrays W1, b1, ... that the program makes of the notes' spiral, and its log."""
        self.spiral("train", "--quiet", "--no-figures", "--log-every", 1, "--seed", SEED, "--out", "out", *options)
        with np.load(self.folder / "out" / "model.npz", allow_pickle=False) as model:
            if "W" in model:
                arrays = [model["W"], model["b"]]
            else:
                layers = sum(name.startswith("W") for name in model)
                arrays = [model[f"{kind}{l}"] for l in range(1, layers + 1) for kind in "Wb"]
        return arrays, read_log(self.folder / "out" / "loss.csv")

    def assert_same(self, ours, theirs, what):
        self.assertEqual(len(ours), len(theirs))
        for i, (mine, other) in enumerate(zip(ours, theirs)):
            self.assert_close(mine, other, f"{what}: {'Wb'[i % 2]}{i // 2 + 1}")

    def start(self, hidden, init="he", scale=1.0):
        stream = np.random.RandomState(SEED)
        X, y = twin.generate(stream)
        return X, y, learning.initialize(stream, [2, *hidden, 3], init, scale)


class Twin(LearningTest):
    def compare(self, hidden=(20,), init="he", scale=1.0, flags=(), **settings):
        """The program with the flags against the twin with the settings."""
        X, y, parameters = self.start(hidden, init, scale)
        settings = {"learning_rate": 0.3, **settings}
        theirs, records = learning.train(parameters, X, y, ITERATIONS, SEED, **settings)
        own = [name for name in settings if name not in ("optimizer", "schedule")]
        shape = ["--hidden", ",".join(map(str, hidden))] if hidden else ["--model", "linear"]
        counted = [] if "--epochs" in flags else ["--iterations", ITERATIONS]
        ours, log = self.train(*shape, "--init", init, "--init-scale", scale, *counted,
                               *options_of({name: settings[name] for name in own}),
                               *options_of(settings.get("optimizer", {})), *options_of(settings.get("schedule", {})),
                               *flags)
        self.assertEqual(len(log), ITERATIONS)
        for i, name in enumerate(("loss", "learning_rate", "grad_norm")):
            self.assert_close([log[t][name] for t in range(ITERATIONS)], [record[i] for record in records], name)
        self.assert_same(ours, theirs, str(settings))
        return records

    def assert_learns(self, records, share=0.9):
        """Agreement on a network that stood still would say little."""
        self.assertLess(np.mean([record[0] for record in records[-5:]]), share * records[0][0])

    def test_every_optimizer(self):
        for optimizer, rate in RATES.items():
            with self.subTest(optimizer):
                settings = {"optimizer": optimizer, **SETTINGS[optimizer]}
                self.assert_learns(self.compare(learning_rate=rate, optimizer=settings))

    def test_every_optimizer_with_its_default_settings(self):
        for optimizer, rate in RATES.items():
            with self.subTest(optimizer):
                self.compare(learning_rate=rate, optimizer={"optimizer": optimizer})

    def test_the_linear_classifier_with_adam(self):
        self.compare(hidden=(), learning_rate=0.01, optimizer={"optimizer": "adam"})

    def test_adamw_decays_the_weights_by_itself(self):
        self.compare(learning_rate=0.01, reg=0.1, optimizer={"optimizer": "adamw"})

    def test_every_schedule(self):
        for schedule, settings in SCHEDULES.items():
            with self.subTest(schedule):
                self.compare(learning_rate=0.1, optimizer={"optimizer": "nesterov"},
                             schedule={"schedule": schedule, "warmup": 15, **settings})

    def test_every_schedule_with_its_default_settings(self):
        for schedule in SCHEDULES:
            with self.subTest(schedule):
                self.compare(hidden=(), schedule={"schedule": schedule})

    def test_every_activation(self):
        for activation in learning.ACTIVATIONS:
            with self.subTest(activation):
                self.compare(hidden=(15, 10), learning_rate=0.05, activation=activation,
                             optimizer={"optimizer": "momentum"})

    def test_every_initialisation(self):
        for init, scale in (("gaussian", 0.3), ("xavier", 1.0), ("xavier", 0.7), ("he", 1.0), ("he", 1.3), ("lecun", 1.0)):
            with self.subTest(init=init, scale=scale):
                self.compare(hidden=(15, 10), init=init, scale=scale)

    def test_the_initialisations_scale_when_none_is_given(self):
        for init, scale in (("gaussian", 0.01), ("xavier", 1.0), ("he", 1.0), ("lecun", 1.0)):
            with self.subTest(init):
                X, y, parameters = self.start((15,), init, scale)
                theirs, _ = learning.train(parameters, X, y, 1, SEED, 0.5)
                ours, _ = self.train("--hidden", 15, "--init", init, "--iterations", 1, "--learning-rate", 0.5)
                self.assert_same(ours, theirs, init)

    def test_mini_batches_that_do_not_divide_the_data(self):
        self.compare(learning_rate=0.1, batch_size=64, optimizer={"optimizer": "adagrad"})

    def test_epochs_count_the_last_smaller_batch(self):
        self.compare(learning_rate=0.1, batch_size=64, flags=["--epochs", ITERATIONS // 5])

    def test_dropout(self):
        self.compare(learning_rate=0.1, dropout=0.4)
        self.compare(hidden=(15, 10), learning_rate=0.1, dropout=0.25, batch_size=70, activation="tanh")

    def test_l1(self):
        self.compare(l1=2e-3)
        self.compare(hidden=(), l1=1e-2, reg=0.0, learning_rate=0.5)

    def test_the_largest_gradient_norm(self):
        norms = [record[2] for record in self.compare(max_grad_norm=0.15)]
        self.assertGreater(max(norms), 0.15)
        self.assertLess(min(norms), 0.15)

    def test_all_at_once(self):
        self.compare(hidden=(15, 10), learning_rate=0.02, activation="leaky-relu", reg=1e-2, l1=1e-4, batch_size=48,
                     dropout=0.2, max_grad_norm=1.0, optimizer={"optimizer": "adamw"}, schedule={"schedule": "cosine", "warmup": 20})


@unittest.skipIf(torch is None, "python3-torch is not installed")
class PyTorch(LearningTest):
    def compare(self, hidden=(20,), learning_rate=0.3, activation="relu", reg=1e-3, make_optimizer=None, options=()):
        """Full batches in double precision, with torch's own gradient."""
        X, y, start = self.start(hidden)
        X, y = torch.from_numpy(X), torch.from_numpy(y)
        parameters = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p in start]
        weights, biases = parameters[::2], parameters[1::2]
        act = {"relu": torch.relu, "leaky-relu": lambda z: torch.nn.functional.leaky_relu(z, 0.01), "tanh": torch.tanh,
               "sigmoid": torch.sigmoid}[activation]
        optimizer, in_loss = make_optimizer(weights, biases, learning_rate, reg)
        losses = []
        for _ in range(ITERATIONS):
            A = X
            for W, b in zip(weights[:-1], biases[:-1]):
                A = act(A @ W + b)
            penalty = reg / 2 * sum((W * W).sum() for W in weights)
            data = torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], y)
            losses.append((data + penalty).item())
            optimizer.zero_grad()
            (data + penalty if in_loss else data).backward()
            optimizer.step()
        ours, log = self.train("--hidden", ",".join(map(str, hidden)), "--init", "he", "--iterations", ITERATIONS,
                               "--learning-rate", learning_rate, "--reg", reg, "--activation", activation, *options)
        self.assert_close([log[t]["loss"] for t in range(ITERATIONS)], losses, "loss")
        self.assert_same(ours, [p.detach().numpy() for p in parameters], str(options))

    def with_rule(self, name, **settings):
        """A maker of torch's optimizer; L2 is in the loss, but for AdamW, which has it as the weights' own decay."""
        def make(weights, biases, rate, reg):
            if name == "AdamW":
                groups = [{"params": weights, "weight_decay": reg}, {"params": biases, "weight_decay": 0.0}]
                return torch.optim.AdamW(groups, lr=rate, **settings), False
            return getattr(torch.optim, name)(weights + biases, lr=rate, **settings), True
        return make

    # PyTorch's momentum keeps the velocity without the rate, and so is the notes' as long as the rate stays.
    def test_every_optimizer(self):
        betas = BETA1, BETA2
        rules = {"sgd": self.with_rule("SGD"),
                 "momentum": self.with_rule("SGD", momentum=MOMENTUM),
                 "nesterov": self.with_rule("SGD", momentum=MOMENTUM, nesterov=True),
                 "adagrad": self.with_rule("Adagrad", eps=EPSILON),
                 "rmsprop": self.with_rule("RMSprop", alpha=DECAY_RATE, eps=EPSILON),
                 "adam": self.with_rule("Adam", betas=betas, eps=EPSILON),
                 "adamw": self.with_rule("AdamW", betas=betas, eps=EPSILON)}
        for optimizer, make in rules.items():
            with self.subTest(optimizer):
                self.compare(learning_rate=RATES[optimizer], reg=0.01, make_optimizer=make,
                             options=["--optimizer", optimizer, *options_of(SETTINGS[optimizer])])

    def test_every_activation(self):
        for activation in learning.ACTIVATIONS:
            with self.subTest(activation):
                self.compare(hidden=(15, 10), learning_rate=0.1, activation=activation,
                             make_optimizer=self.with_rule("SGD"), options=["--optimizer", "sgd"])


if __name__ == "__main__":
    unittest.main()
