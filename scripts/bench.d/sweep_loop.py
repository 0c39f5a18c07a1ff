"""The sweep as a script with NumPy: a loop over learning rates on several processes, for part_sweep.py to time.

    sweep_loop.py PROCESSES ITERATIONS X.npy y.npy HIDDEN REG RATE...

The caller holds the BLAS to one thread a process. Prints {rate: the loss after all updates} as JSON.
"""

import json
import multiprocessing
import sys

from worker import NumpyPeer


def train(job):
    rate, iterations, X, y, hidden, reg = job
    peer = NumpyPeer(1)
    peer.load(X, y, hidden, float(rate), reg)
    # one more, as an iteration computes the loss before its update
    return rate, float(peer.iterate(iterations + 1)[0])


def main():
    processes, iterations, X, y, hidden, reg, *rates = sys.argv[1:]
    jobs = [(rate, int(iterations), X, y, int(hidden), float(reg)) for rate in rates]
    with multiprocessing.Pool(int(processes)) as pool:
        print(json.dumps(dict(pool.imap_unordered(train, jobs))))


if __name__ == "__main__":
    main()
