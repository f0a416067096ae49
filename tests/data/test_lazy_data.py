"""`exnet.data` is there after `import exnet` alone, and costs nothing before it is used."""

import subprocess
import sys


def test_the_room_of_data_is_an_attribute() -> None:
    code = (
        "import sys, exnet\n"
        "assert 'exnet.data' not in sys.modules\n"
        "found = exnet.data.of({'x': [[1.0], [2.0]] * 5, 'y': [0, 1] * 5})\n"
        "print(*exnet.data.describe(found).lines)\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("input x[1] : real[1] output y : class[2]\n", "")
