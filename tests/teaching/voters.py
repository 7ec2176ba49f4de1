"""Students of a class that votes, each with a folder and a made-up owner, or the system would know one of them."""

from accounts import name_users, own_files

from quadfit_tui.teaching.classroom.transcript_reader import FILE_NAME
from quadfit_tui.teaching.classroom.vote import Vote
from quadfit_tui.teaching.course.transcript import Transcript, TranscriptLocation
from quadfit_tui.teaching.judging.facts import Facts


class Students:
    """Students of a class, each with a folder and a made-up name."""

    def __init__(self, folder, monkeypatch, count=4):
        self.folders = [folder / f"student{number}" for number in range(count)]
        owners = {str(path): 70000 + number for number, path in enumerate(self.folders)}
        own_files(monkeypatch, owners.__getitem__)
        name_users(monkeypatch, lambda user: f"student{user - 70000}")
        for path in self.folders:
            path.mkdir()
        self.transcripts = [Transcript(TranscriptLocation(str(path / FILE_NAME), 0o640)) for path in self.folders]

    def vote(self, lesson, question, *typed):
        """Has the first of them vote, each by what is typed."""
        for transcript, text in zip(self.transcripts, typed, strict=False):
            vote = Vote(lesson, question, Facts(lesson), transcript)
            vote.start()
            vote.answer(text)
