"""Exits 0 when ``/readyz`` on this machine's port (the one argument) answers 200: the image's health check.

Standard library only and no import of babelwire, because it runs every ten seconds in every container.
"""

import http.client
import sys


def main(port: int) -> int:
    """Returns the exit code Docker wants: 0 healthy, 1 not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(2000).decode("utf-8", "replace")
    except OSError as error:
        print(f"127.0.0.1:{port}/readyz: {error}")
        return 1
    finally:
        connection.close()
    print(body)
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
