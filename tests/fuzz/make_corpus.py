"""The seeds of the fuzz targets, and the command line's dictionary: writes corpus/fuzz_*/seed-* and fuzz_command_line.dict
beside this file. The other files in corpus/ were found by fuzzing from these, and each reaches something of its own.

    python3 tests/fuzz/make_corpus.py
"""
import io
import pathlib
import re
import struct
import zlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def seed(target, name, content):
    folder = HERE / "corpus" / f"fuzz_{target}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(content)


# ---- CSV: the first byte is the way to load, see fuzz_csv.c ----
CSV = {
    "plain": b"0x0,x1,label\n0.5,-1,0\n1e-3,2,1\n",
    "named": b"0a,b,species\n5.1,3.5,setosa\n6.2,2.9,virginica\n4.9,3.0,setosa\n",
    "crlf": b"1u,v\r\n1,a\r\n2,b\r\n",
    "no_header": b"21,2,0\n3,4,1\n-5,6.25,2",
    "unlabelled": b"31.5,2.5\n3.5,4.5\n",
    "label_by_name": b"4label,x\n0,1\n1,2\n",
    "label_first": b"5yes,1,2\nno,3,4\n",
    "semicolons": b"61;0;2.5\n3;1;4\n",
    "model": b"71,2,0\n3,4,setosa\n5,6,1\n",
    "tabs": b"81\t2\ta\n3\t4\tb\n",
    "blanks": b"91 2 a\n3 4 b\n",
    "quotes": b'0"a","b ""q""","l\nm"\n"1", 2 ,"x, y"\n3,4,z\n\n',
    "bom": b"0\xef\xbb\xbfx,y\n1,0\n2,1\n",
    "utf16": b"0\xff\xfex\x00,\x00",
    "long_numbers": b"0" + b"0." + b"123456789" * 9 + b"e-12,0\n" + b"9" * 40 + b".5E+300,1\n2.2250738585072011e-308,1\n",
    "not_finite": b"0nan,0\n1,1\ninf,1\n",
    "ragged": b"01,2,3\n4,5\n",
    "ignored": b"=no,id,x,label\n9,1,0.5,0\n8,2,1.5,1\n",
    "matched": b">id,b,label,a,note\n1,2,setosa,3,n/a\n2,4,?,5,\n3,4,,5,x\n",
    "by_position": b">1,0,2\n3,1,4\n5,NA,6\n",
    "label_aside": b"?a,b,label,id\n1,2,setosa,7\n3,4,nobody,8\n",
}
for name, content in CSV.items():
    seed("csv", name, content)

# ---- .npy: the first byte says what it is, see fuzz_npy.c ----
for path in sorted((ROOT / "tests" / "fixtures" / "numpy").glob("*.npy")):
    if path.stat().st_size < 600:
        seed("npy", path.stem, (b"y" if path.stem.startswith("y_") else b"X") + path.read_bytes())


def npy(array, first=b""):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return first + file.getvalue()


seed("npy", "six_labels", npy(np.array([0, 1, 2, 0, 1, 2]), b"y"))
seed("npy", "six_sparse_labels", npy(np.array([[7], [-1], [7], [9], [9], [9]], dtype=">i2"), b"y"))
seed("npy", "six_names", npy(np.array(["setosa", "0", "0", "1", "1", "1"]), b"m"))
seed("npy", "six_bytes", npy(np.array([b"a", b"b", b"c", b"a", b"a", b"b"]), b"y"))
seed("npy", "six_numbers", npy(np.array([0.5, 1, 0.5, 2, 2, 1], dtype="<f4"), b"y"))
seed("npy", "six_of_a_model", npy(np.array([0, 1, 0, 1, 0, 1], dtype="u1"), b"m"))


# ---- .npz: data sets, models, checkpoints ----
def archive(target, name, compressed=False, **arrays):
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    seed(target, name, file.getvalue())


X = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]])
y = np.array([0, 1, 1, 0])
archive("npz", "data", X=X, y=y)
archive("npz", "data_named", X=X.astype("<f4"), y=y.astype("i1"), classes=np.array(["a", "b"]), features=np.array(["u", "v"]))
archive("npz", "data_texts", compressed=True, X=np.asfortranarray(X), y=np.array(["0", "b", "b", "0"]))
archive("npz", "data_numbers", X=X.astype(">i2"), y=y * 0.5)
archive("npz", "data_bytes", X=X, y=np.array([b"no", b"yes", b"yes", b"no"]), classes=np.array(["no", "yes"]))
archive("model", "linear", W=X[:2] * 0.5, b=np.zeros(2))
archive("model", "network", W1=X[:2], b1=np.ones(2), W2=X[1:3], b2=np.zeros((1, 2)), classes=np.array(["0", "b"]),
        features=np.array(["x0", "x1"]), activation=np.array("tanh"), mean=np.zeros(2), scale=np.ones(2))
archive("model", "three_layers", compressed=True, W1=np.ones((2, 1)), b1=np.ones(1), W2=np.ones((1, 3)), b2=np.zeros(3),
        W3=np.ones((3, 2)), b3=np.zeros(2), activation=np.array("leaky-relu"))


CRC = zlib.crc32(struct.pack("<QQ", *X.shape) + X.astype("<f8").tobytes() + y.astype("<i8").tobytes())

# The choices of fuzz_checkpoint.c's options_of, in its order: how many there are of each.
CHOICES = {"optimizer": 7, "batch": 4, "dropout": 2, "patience": 4, "iterations": 3, "record": 3, "judge": 2, "tolerance": 2,
           "target": 2, "norm": 2, "schedule": 5, "warmup": 2}


def fuzz_number(**chosen):
    number = 0
    for name, count in reversed(CHOICES.items()):
        number = number * count + chosen.get(name, 0)
    return number


def stream(seed):
    _, words, position, has_normal, _ = np.random.RandomState(seed).get_state()
    return np.array([*words, position, has_normal], dtype="u4")


def checkpoint(name, compressed, iteration, chosen=None, **others):
    """Of adam in batches, with dropout and patience, unless chosen says otherwise; an array that is None is left out."""
    parameters = np.linspace(-1, 1, 12)  # 2-2-2
    number = fuzz_number(**(chosen or {}))
    used = np.zeros(626, dtype="u2")
    used[:5] = 1, 2, 3, 4, 5
    used[624] = 624
    arrays = {"counters": np.array([1, iteration, CRC, CRC, iteration - 2, 1]), "parameters": parameters,
              "previous": parameters, "slot1": parameters / 8, "slot2": parameters ** 2, "best": parameters,
              "losses": np.array([0.5, 0.7]), "order": used, "order_normal": np.zeros(1), "dropout": used,
              "dropout_normal": np.zeros(1), "settings": np.array(["hidden=2", f"fuzz={number}"])}
    arrays.update(others)
    archive("checkpoint", name, compressed, **{array: value for array, value in arrays.items() if value is not None})


checkpoint("adam", False, 3)
checkpoint("deflated", True, 4)
checkpoint("short", True, 4, best=np.zeros(11))
checkpoint("no_stream", True, 4, order=np.arange(-1, 625))

PLAIN = {"optimizer": 2, "batch": 1, "dropout": 1, "patience": 1}  # sgd on all rows
plain = {"slot1": None, "slot2": None, "best": None, "order": stream(1), "dropout": stream(2)}
for name, losses in ("plain", [np.inf, 0.7]), ("best_without_patience", [1, 1]):
    checkpoint(name, True, 3, PLAIN, counters=np.array([1, 3, CRC, 0, 0, 0]), losses=np.array(losses), **plain)
checkpoint("rmsprop", True, 4, {"optimizer": 6, "batch": 0, "dropout": 1, "patience": 3}, dropout=stream(2),
           slot1=np.ones(12), slot2=None)
checkpoint("begin", True, 0, {"optimizer": 3, "batch": 2, "dropout": 0, "patience": 2}, order=stream(1),
           dropout=stream(2), slot2=None, counters=np.array([1, 0, CRC, CRC, 0, 0]), losses=np.array([np.inf, np.inf]))

# ---- loss logs ----
seed("log", "csv", b"iteration,loss,data_loss,accuracy,seconds\n0,1.0986,1.09,0.33,0.001\n10,0.95,0.9,0.5,0.002\n")
seed("log", "validation", b"iteration,loss,validation_loss\r\n0,1,1.5\r\n5,0.5,0.75\r\n")
seed("log", "jsonl", b'{"iteration":0,"loss":1.5,"accuracy":0.25}\n{"iteration":1,"loss":1,"accuracy":0.5}\n')
seed("log", "long_line", b"iteration,loss\n" + b"1" * 5000 + b",2\n")

# ---- command lines: of those in the tests, as many as show each option of each command; the dictionary from the page of options ----
lines, shown = [], set()
for path in sorted((ROOT / "tests" / "cli").glob("*.test")):
    for found in re.findall(r"""^[$?] +spiral ([^|<>&;$`'"\\]+)$""", path.read_text(encoding="utf-8"), re.M):
        command, *arguments = found.split()
        options = {(command, option.split("=")[0]) for option in arguments if option.startswith("-")}
        if not options <= shown:
            lines.append([command, *arguments])
            shown |= options
for number, words in enumerate(lines):
    seed("command_line", f"{number:03}", "".join(f"{word}\0" for word in words).encode())
seed("command_line", "output", b"explain\0--example\0--output\0explained.md\0")

_, page = (ROOT / "docs" / "options.md").read_text(encoding="utf-8").split("\n## ", 1)
options = set(re.findall(r"--([a-z][a-z0-9-]*)", page))
words = {word for found in re.findall(r"`--[a-z0-9-]+ ([^`]+)`", page) for word in re.findall(r"\b[a-z0-9-]+\b", found)}
with open(HERE / "fuzz_command_line.dict", "w", encoding="utf-8") as file:
    file.write("# Made by make_corpus.py from the options' tables.\n")
    file.writelines(f'"--{name}\\x00"\n' for name in sorted(options))
    file.writelines(f'"{word}\\x00"\n' for word in sorted(words | {
        "generate", "train", "predict", "plot", "report", "check", "gradcheck", "explain", "sweep", "--help", "--version", "true", "-",
        "none", "tab", "a.npz", "X.npy,y.npy", "a.csv", "100,50", "800x600", "0,1", "1e999", "-1", "0.5", "4294967295",
        "18446744073709551615", "nan"}))

# ---- sweeps: the first byte says what it is, see fuzz_sweep.c; of an option's values also its domain and separator ----
for name, content in {
    "list": b"B0.1,0.3,1", "log": b"Blog:1e-3:10:20", "lin": b"Clin:0:1:11", "whole": b"Dlog:8:512:7", "choice": b"@choice:a;b;c,d",
    "uniform": b"Cuniform:0.1:0.9", "loguniform": b"Bloguniform:1e-3:10", "words": b"0sgd,adam", "whole_uniform": b"Euniform:1:9",
    "definition": b'd{"version": "0.1.0", "shard": "1/1", "options": {"learning-rate": "0.1,1", "hidden": "5;6,7", "seeds": "2",'
                  b' "prune": "true", "random": "3", "keep": "best:3"}, "data_crc32": "0f77875d"}',
    "results": b"rrun,learning_rate,seed,status,iterations,loss,data_loss,accuracy,validation_loss,validation_accuracy,seconds\n"
               b"0,0.1,0,ok,10,1.5,1.25,0.5,,,0.01\n2,1,0,diverged,3,inf,1e300,0.25,inf,0.5,0.02\n3,1,1,pruned,1,1,1,1,1,1,1\n1,0.1",
    "curves": b"crun,iteration,loss,validation_loss\n0,0,1.1,\n0,10,0.5,0.75\n2,0,1,1\n1,0,2,\n",
}.items():
    seed("sweep", name, content)

# ---- the folders of a training and of a sweep in shards: files with a byte between them, see fuzz_report.c, fuzz_merge.c ----
SETTINGS = ('"shape":"spiral","classes":3,"points_per_class":4,"noise":0.2,"turns":0.6366197723675814,"radius":1,"dimensions":2,'
            '"label_noise":0,"seed":0,"standardize":false,%s,"init":"gaussian","init_scale":0.01,"skip_draws":0,'
            '"products":"auto","learning_rate":1,"iterations":6,"batch_size":0,"optimizer":"sgd","schedule":"constant","warmup":0,'
            '"max_grad_norm":0,"reg":0.001,"l1":0,"reduction":"mean","patience":0,"tolerance":0,"target_loss":0,"log_every":2,'
            '"log_format":"%s","log_layers":false,"no_figures":true')
SUMMARY = '{"iterations":6,"loss":1.0008396344199413,"warnings":[],"settings":{%s},"data":{"source":"generated","crc32":"9ebb3b6d"}}'
for name, model, log in (("linear", '"model":"linear"', "csv"), ("mlp", '"model":"mlp","hidden":[3,2],"activation":"tanh"', "jsonl")):
    loss = "iteration,loss,accuracy\n0,1.0986,0.5\n2,1.05,0.5\n" if log == "csv" else '{"iteration":0,"loss":1.5}\n'
    seed("report", name, (SUMMARY % (SETTINGS % (model, log)) + "\x1e" + loss).encode())

DEFINITION = '{"version":"0.1.0","shard":"1/%d","options":{%s},"inputs_crc32":{}}'
COLUMNS = ",seed,status,iterations,loss,data_loss,accuracy,validation_loss,validation_accuracy,reason,seconds\n"
CURVES = "run,iteration,loss,validation_loss\n"
ONE = DEFINITION % (1, '"learning-rate":"0.1,1","hidden":"3;4","points-per-class":"4","iterations":"4"')
seed("merge", "one", "\x1e".join((
    ONE, "run,learning_rate,hidden" + COLUMNS + "0,0.1,3,0,ok,4,1.1,1.09,0.5,,,,1\n1,0.1,4,0,stopped,3,1.2,1.1,0.5,,,,1\n"
    "2,1,3,0,diverged,2,9,9,0.25,,,,1\n3,1,4,0,ok,4,1,1,0.75,,,,1\n", CURVES + "0,0,1.5,\n0,4,1.1,\n3,0,1.5,\n3,4,1,\n")).encode())
TWO = DEFINITION % (2, '"learning-rate":"0.1,1","seeds":"2","points-per-class":"4","iterations":"4"')
seed("merge", "two", "\x1e".join((
    TWO, "run,learning_rate" + COLUMNS + "0,0.1,0,ok,4,1.1,1.09,0.5,1.2,0.5,,1\n1,0.1,1,pruned,4,1.2,1.1,0.5,1.2,0.25,,1\n",
    CURVES + "0,0,1.5,1.5\n0,4,1.1,1.2\n",
    "run,learning_rate" + COLUMNS + "2,1,0,failed,0,nan,nan,nan,,,out of memory,1\n3,1,1,ok,4,1,1,1,1,0.75,,1\n",
    CURVES + "3,4,1,1\n")).encode())
