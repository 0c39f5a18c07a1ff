"""The table printed in the CS231n notes comes out of `spiral train`, digit for digit."""

import json
import re
import unittest

from support import SpiralTest, published_table, read_log

# The network's last three lines are moved by rounding alone: another order of a sum is enough. The same run in 80-bit long
# double gives 0.245402, 0.245336 and 0.245293, within 0.000002 of what was printed. With --products auto no BLAS kernel
# has a part in this network, so it prints the same on every processor with fused multiply-add; docs/testing.md has those without.
# With --products blas they depend on BLAS's kernels for the processor: OpenBLAS 0.3.21 gives 0.245401 0.245335 0.245295 with
# those for AVX-512, 0.245401 0.245334 0.245293 with those for AVX2.
MOVED_BY_ROUNDING = {("mlp", 7000), ("mlp", 8000), ("mlp", 9000)}
TOLERANCE = 3e-6


class PublishedTable(SpiralTest):
    def printed_lines(self, *arguments):
        """{iteration: the loss as printed} of one run, and its printed accuracy."""
        text = self.spiral("train", "--out", "out", "--no-figures", *arguments)
        losses = {int(i): loss for i, loss in re.findall(r"^iteration (\d+): loss (\S+)$", text, re.MULTILINE)}
        accuracy = re.search(r"^training accuracy: (\S+)", text, re.MULTILINE)
        self.assertIsNotNone(accuracy, text)
        return losses, accuracy.group(1)

    def check_model(self, model, skip, products):
        table = {key: value for key, value in published_table().items() if key[0] == model}
        losses, accuracy = self.printed_lines("--model", model, "--skip-draws", skip, "--products", products)
        self.assertEqual(accuracy, table.pop((model, "accuracy")))
        self.assertEqual(sorted(losses), sorted(iteration for _, iteration in table))
        log = read_log(self.folder / "out" / "loss.csv")
        for (_, iteration), published in table.items():
            with self.subTest(iteration=iteration):
                self.assertEqual(losses[iteration], f"{log[iteration]['loss']:.6f}", "loss.csv says otherwise")
                if (model, iteration) in MOVED_BY_ROUNDING:
                    self.assertLess(abs(float(losses[iteration]) - float(published)), TOLERANCE + 1e-9)
                else:
                    self.assertEqual(losses[iteration], published)
        summary = json.loads((self.folder / "out" / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual(summary["settings"]["seed"], 0)
        implementation = {"auto": "fused", "blas": "blas"}[products]
        self.assertEqual(summary["network"]["products"], [implementation] * len(summary["network"]["sizes"][1:]))

    def test_linear_classifier(self):
        self.check_model("linear", 18, "auto")

    def test_linear_classifier_by_blas(self):
        self.check_model("linear", 18, "blas")

    def test_two_layer_network(self):
        self.check_model("mlp", 24, "auto")

    def test_two_layer_network_by_blas(self):
        self.check_model("mlp", 24, "blas")

    def test_linear_classifier_with_nothing_skipped_is_the_notebook_s_own_first_run(self):
        losses, accuracy = self.printed_lines("--model", "linear")
        first = ["1.096919", "0.917310", "0.851535"]
        self.assertEqual([losses[i] for i in (0, 10, 20)], first)
        self.assertEqual(losses[190], "0.786302")
        self.assertEqual(accuracy, "0.49")

    def test_the_table_holds_thirty_losses_and_two_accuracies(self):
        table = published_table()
        self.assertEqual(len(table), 32)
        self.assertEqual(sum(model == "linear" for model, _ in table), 21)


if __name__ == "__main__":
    unittest.main()
