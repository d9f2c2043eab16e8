"""Helm itself: the library of Helm 4 that the Python package `helm-sdkpy` carries, called by its C functions. The package's
own Python needs a newer one than Debian's."""

import ctypes
import importlib.util
import json
from pathlib import Path


class HelmError(Exception):
    """What Helm says."""


def library():
    """Helm's library, for the one platform that the package is built for."""
    package = Path(importlib.util.find_spec("helm_sdkpy").origin).parent
    loaded = ctypes.CDLL(str(package / "_lib" / "linux-amd64" / "libhelm_sdkpy.so"))
    loaded.helm_sdkpy_last_error.restype = ctypes.c_char_p
    return loaded


class Helm:
    """Helm before one cluster, in the namespace `shop`."""

    def __init__(self, kubeconfig):
        self.library = library()
        self.handle = ctypes.c_ulonglong()
        self.done(
            self.library.helm_sdkpy_config_create(
                b"shop", str(kubeconfig).encode(), None, b"{}", ctypes.byref(self.handle)
            )
        )

    def done(self, status):
        if status != 0:
            raise HelmError(self.library.helm_sdkpy_last_error().decode())

    def lint(self, chart):
        """What Helm's linter says of a chart: severity by message, where 1 is a remark, 2 a warning and 3 an error."""
        result = ctypes.c_char_p()
        self.done(self.library.helm_sdkpy_lint(self.handle, str(chart).encode(), ctypes.byref(result)))
        return json.loads(result.value)

    def install(self, release, chart, values):
        """Installs a chart without waiting for its pods."""
        options = {"wait": False, "timeout_seconds": 20, "server_side_apply": "false", "disable_openapi_validation": True}
        result = ctypes.c_char_p()
        self.done(
            self.library.helm_sdkpy_install(
                self.handle,
                release.encode(),
                str(chart).encode(),
                json.dumps(values).encode(),
                b"",
                json.dumps(options).encode(),
                ctypes.byref(result),
            )
        )
