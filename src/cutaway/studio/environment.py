"""Which environment variables the user's code may see."""

from collections.abc import Mapping

PASSED_ON = frozenset({
    "PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "HF_HOME",
    "HF_HUB_CACHE", "HF_HUB_OFFLINE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH",
    "PYTHONHOME", "PYTHONHASHSEED"})
BEGINNINGS = ("LC_", "XDG_", "CUTAWAY_", "CUDA_", "OMP_", "MKL_", "OPENBLAS_", "VECLIB_",
              "NUMEXPR_", "COVERAGE_")
SECRET = ("TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "KEY")


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that programs need, and nothing that may be secret."""
    return {name: value for name, value in environment.items()
            if (name in PASSED_ON or name.startswith(BEGINNINGS))
            and not any(word in name.upper() for word in SECRET)}
