"""Messages of endless fragments, at which the library fails an assertion of its own: no fault, and others go on."""

from pages import BINARY, CLOSE, CONTINUATION, GREETING, PING, TEXT, frame, gone, raw, server, until

from quadfit_tui.serve import server as module

FRAGMENTS = frame(BINARY, fin=False) + frame(CONTINUATION, fin=False) * 5000
BURSTS = [
    FRAGMENTS,
    GREETING + FRAGMENTS,
    FRAGMENTS + frame(CLOSE),
    GREETING + FRAGMENTS + frame(CLOSE, b"\x03\xe8"),
    GREETING + frame(BINARY, b"x", fin=False) + frame(PING) + frame(CLOSE),
    GREETING + frame(TEXT, b"\xff") + FRAGMENTS,
    frame(CONTINUATION) * 5000,
    GREETING + frame(CONTINUATION) + FRAGMENTS,
    GREETING + frame(3) + FRAGMENTS,
    GREETING + frame(BINARY, b"q") + FRAGMENTS,  # while leave is taken
]


async def test_fragments_that_never_end_are_no_fault(monkeypatch):
    monkeypatch.setattr(module, "_is_assertion_of_library", lambda _failure: False)  # so that one is told
    async with server(patience={"away": 0, "lost": 0}) as served:
        for burst in BURSTS * 3:
            async with raw(served, burst) as (reader, _):
                if burst[:2] == FRAGMENTS[:2]:
                    await gone(reader)
            async with raw(served, burst):
                pass  # and it is gone at once
            await until(lambda: not served.places.number)
        async with served.page() as page:
            await page.sees(b"size")
