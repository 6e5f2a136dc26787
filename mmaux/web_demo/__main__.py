"""A local web page: drop an image, see class, depth and normals, and turn the scene in space.

python -m mmaux.web_demo CONFIG CHECKPOINT [--port 8000]
python -m mmaux.web_demo NETWORK.onnx
"""

import argparse
import sys
from pickle import UnpicklingError

from mmaux.inference import MultiTaskInferencer
from mmaux.web_demo import DemoServer

_LAST_PORT = 65535


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="web_demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("network", help="config of the network, or an exported file")
    parser.add_argument("checkpoint", nargs="?", help="its weights; none for an exported file")
    parser.add_argument("--device", help="(cuda if there is a GPU)")
    parser.add_argument("--host", default="127.0.0.1", help="this machine only by default")
    parser.add_argument("--port", type=int, default=8000, help="0: any free one (%(default)s)")
    args = parser.parse_args()
    if not 0 <= args.port <= _LAST_PORT:
        parser.error(f"--port is {args.port}; expected 0 to {_LAST_PORT}")
    return args


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        inferencer = MultiTaskInferencer(args.network, args.checkpoint, device=args.device)
        with DemoServer(inferencer, host=args.host, port=args.port) as server:
            print(f"open {server.url} (Ctrl-C ends it)", flush=True)
            server.serve_forever()
    except (ValueError, OSError, ImportError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
