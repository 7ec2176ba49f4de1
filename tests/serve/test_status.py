"""The status of the server: what a terminal shows of it, and what programs read."""

from datetime import datetime

from quadfit_tui.core.text.language import in_language
from quadfit_tui.serve.status import ServerStats


def status(load=0.5):
    told = ServerStats(40, load=lambda: load)
    told.since = datetime(2026, 9, 1, 8, 5).astimezone()
    told.count(pages=1, sessions=3, sent=1_234_567, received=89)
    return told


async def test_a_line_of_it():
    told = status()
    assert told.line == "1 page open; serving since 08:05; 1.2 MB sent"
    told.count(pages=1, waiting=2)
    assert told.line == "2 pages open; 2 waiting for pages to return; serving since 08:05; 1.2 MB sent"
    told.count(failed=1)
    assert "; 1 program failed; serving" in told.line
    with in_language("zh_CN"):
        assert told.line == "打开了 2 个页面；2 个在等页面回来；1 个程序出错结束；08:05 开始服务；已发送 1.2 MB"


async def test_full_machine_is_told():
    assert (
        status(1.3).line == "1 page open; the machine is full: they draw less often; serving since 08:05; 1.2 MB sent"
    )


async def test_an_object_of_it():
    told = status()
    record = told.record
    assert datetime.fromisoformat(record.pop("since")) == told.since
    counts = {
        "pages": 1,
        "waiting": 0,
        "places": 40,
        "load": 0.5,
        "sessions": 3,
        "failed": 0,
        "bytes_sent": 1_234_567,
        "bytes_received": 89,
    }
    assert record == counts
