import subprocess
import sys


def test_the_package_itself_does_not_import_httpx() -> None:
    code = "import sys, watchstate.net; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
