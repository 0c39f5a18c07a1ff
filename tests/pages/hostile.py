"""Names that would be markup, script or an end of the script element, if a page took them for that."""

FEATURES = ["</script><script>window.pwned=1</script>", '"><img src=x onerror=window.pwned=2>', "<!--<script>", "${window.pwned=3}"]
CLASSES = ["<svg onload=window.pwned=4>", "'\"&lt;b&gt;\\u003c/script\\u003e", "]]><style>*{display:none}</style>\u2028x", "__proto__"]


def write_data(path):
    """A table with these names: four features, four classes."""
    def field(text):
        return '"' + text.replace('"', '""') + '"'
    lines = [",".join(map(field, [*FEATURES, "class"]))]
    for row in range(40):
        lines.append(",".join([str(row % 4 + row / 100), str(row % 5), str(row % 7), str((row * row) % 11), field(CLASSES[row % 4])]))
    path.write_text("\n".join(lines) + "\n", "utf-8")
