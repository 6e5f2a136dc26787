"""A local web page: drop an image, see class, depth and normals, and turn the scene in space.

python demo/web_demo.py CONFIG CHECKPOINT [--port 8000]
python demo/web_demo.py NETWORK.onnx
"""

import sys

from mmaux.web_demo.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
