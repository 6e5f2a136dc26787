"""The shipped configs for pure-python configs, which cannot read the text style.

In a pure-python config, under any OpenMMLab tool::

    with read_base():
        from mmaux.configs.auxi_both_mbv2_nyud_config import *

mmengine finds a base by its file and runs it; each module here is such a file, NAME_config.py, and
fills itself from the text config NAME.py in ``mmaux/.mim/configs``, the only source. The names
differ because ``mim train mmaux NAME.py`` refuses a name that the package holds twice.

mmengine looks for bases where pip put the package. Of an editable install that is the wrong place
until mmaux is imported: mmaux's own tools import it first, those of other projects do not.
"""

from typing import Any

from mmengine.config import Config

from mmaux.utils.shipped_content import CONFIGS


def text_config(name: str) -> dict[str, Any]:
    """The variables of a shipped config.

    Args:
        name: Its path below ``configs`` without ``.py``, such as ``_base_/models/mbv2``.

    Returns:
        Its variables, bases merged.

    Raises:
        FileNotFoundError: There is no such config.
    """
    file = CONFIGS / f"{name}.py"
    if not file.is_file():
        known = sorted(
            path.relative_to(CONFIGS).with_suffix("").as_posix() for path in CONFIGS.rglob("*.py")
        )
        raise FileNotFoundError(f"{file}: no such config; there are {', '.join(known)}.")
    return Config.fromfile(file).to_dict()
