"""Every test here runs on devices in this thread; with `-m scale` also on those in child processes and on Ray."""

from collections.abc import Iterator

import pytest

from tests.core.serving.executor.devices import Way
from tests.core.serving.seams import FAR, seam


@pytest.fixture(scope="module", params=["thread", *(pytest.param(name, marks=pytest.mark.scale) for name in FAR)])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    if request.param == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]' -c constraints.txt")
    with seam(request.param) as put:
        yield Way(request.param, put)
