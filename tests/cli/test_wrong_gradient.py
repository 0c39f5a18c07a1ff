"""What gradcheck says of a gradient that is wrong, which that of the program is not: spiral_wrong_gradient is the program with
another one (wrong_gradient.c)."""

import os
import re
import subprocess
import unittest


class WrongGradient(unittest.TestCase):
    def gradcheck(self, wrong, *options):
        done = subprocess.run([os.environ["WRONG_GRADIENT"], "gradcheck", "--points-per-class", "20", *options], capture_output=True,
                              env={**os.environ, "WRONG": wrong}, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_a_wrong_sign(self):
        code, output, errors = self.gradcheck("sign")
        self.assertEqual(code, 1)
        self.assertRegex(errors, r"\Aspiral: error: gradcheck: the relative error is [12]\.00e\+00 at b2\[[0-2]\], at most 1e-07 was expected\n\Z")
        self.assertRegex(output, r"(?m)^b2 .*  probably wrong$")
        self.assertRegex(output, r"(?m)^W1 .*  happy$")
        self.assertRegex(output, r"\nfailed: the worst relative error is [12]\.00e\+00, in b2; the tolerance is 1e-07: probably wrong\n\Z")

    def test_a_hundred_thousandth_too_much(self):
        for activation, grade in (("relu", "okay"), ("tanh", "too high")):
            code, output, errors = self.gradcheck("little", "--activation", activation)
            self.assertEqual(code, 1)
            self.assertRegex(errors, r"the relative error is 1\.00e-05 at b2\[0\], at most 1e-07 was expected")
            self.assertRegex(output, rf"; the tolerance is 1e-07: {grade}\n\Z")
            self.assertEqual(self.gradcheck("little", "--activation", activation, "--tolerance", "1e-4")[0], 0)

    def test_a_regularisation_twice_as_large(self):
        code, output, errors = self.gradcheck("regularization", "--model", "linear")
        self.assertEqual(code, 1)
        self.assertRegex(errors, r"at W\[[01],[0-2]\], at most 1e-07 was expected")
        data, alone = output.split("the data loss alone:\n")[1].split("the regularisation alone:\n")
        self.assertEqual(re.findall(r"(?m)^[Wb] .*  (\w+)$", data), ["happy", "happy"])
        self.assertRegex(alone, r"(?m)\AW .* 5\.00e-01 .*  probably wrong$")

    def test_a_regularisation_in_the_data_loss_alone(self):
        """The sum is right, and its parts are not."""
        code, output, errors = self.gradcheck("data", "--model", "linear")
        self.assertEqual(code, 1)
        self.assertRegex(output, r"\nfailed: the worst relative error is .*, in W of the data loss alone; the tolerance is 1e-07: ")
        self.assertRegex(errors, r"at W\[[01],[0-2]\], at most 1e-07 was expected")


if __name__ == "__main__":
    unittest.main()
