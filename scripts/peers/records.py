"""What the comparisons with peers share: how both sides are started, and where results are kept."""
import datetime, json, os, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HISTORY = ROOT / "benchmarks/history.jsonl"
CONVOY = ROOT / ".build/release/convoy"
TCMALLOC = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"


def peer_environment(threads, isa=None):
    """PyTorch at its best: tcmalloc where it is installed, pinned threads. `isa` avx2 holds all its libraries to AVX2."""
    env = dict(os.environ, TORCH_PEER_TUNED="1", OMP_NUM_THREADS=str(threads), OMP_PROC_BIND="close", OMP_PLACES="cores")
    if os.path.exists(TCMALLOC):
        env["LD_PRELOAD"] = TCMALLOC
    if isa == "avx2":
        env.update(ATEN_CPU_CAPABILITY="avx2", ONEDNN_MAX_CPU_ISA="AVX2", MKL_ENABLE_INSTRUCTIONS="AVX2")
    return env


def convoy_environment(isa=None):
    env = {name: value for name, value in os.environ.items()
           if name not in ("LD_PRELOAD", "TORCH_PEER_TUNED", "CONVOY_ISA") and not name.startswith("OMP_")}
    if isa:
        env["CONVOY_ISA"] = isa
    return env


def last_json(command, env=None):
    """The last line that a program prints, as JSON."""
    run = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, env=env)
    if run.returncode != 0:
        sys.exit(f"error: {' '.join(str(word) for word in command)} ended with exit code {run.returncode}.")
    return json.loads(run.stdout.strip().splitlines()[-1])


def processor():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def commit():
    git = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return git.stdout.strip()


def stamp(row):
    """The row with when, on what and by which commit it was measured."""
    return dict(row, date=datetime.date.today().isoformat(), commit=commit(), cpu=processor())


def append(rows):
    with open(HISTORY, "a") as history:
        for row in rows:
            history.write(json.dumps(row) + "\n")


def newest(wanted, key):
    """The last recorded row for each value of `key`, among the rows that `wanted` takes."""
    found = {}
    for line in open(HISTORY):
        row = json.loads(line)
        if wanted(row):
            found[row[key]] = row
    return found


def replace_table(page, name, lines):
    """Puts a table into a Markdown page, between `<!-- table of NAME -->` and the next `<!-- end of table -->`."""
    path = ROOT / page
    head, rest = path.read_text().split(f"<!-- table of {name} -->\n", 1)
    tail = rest.split("<!-- end of table -->", 1)[1]
    table = "".join(line + "\n" for line in lines)
    path.write_text(f"{head}<!-- table of {name} -->\n{table}<!-- end of table -->{tail}")
