"""python -m tests.soak.sentences --count 10000: checks each sentence about so many random configurations."""

import argparse
import collections
import secrets
import sys
import time
import traceback
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from soak.sentences.cases import case, command
from soak.sentences.checking import Count, findings, hurried
from soak.sentences.rules import Planted, Table


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.soak.sentences", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="configurations [100]")
    parser.add_argument("--seed", type=int, default=None, help="of the configurations [drawn afresh]")
    parser.add_argument("--first", type=int, default=0, help="number of the first one [0]")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="most time to take [without end]")
    parser.add_argument("--budget", type=float, default=0.5, help="seconds for each forecast [0.5, as the program]")
    parser.add_argument("--plant", action="store_true", help="plants falsehoods, and tells which are not found")
    chosen = parser.parse_args()
    planted = Table.planted = Planted() if chosen.plant else None
    seed = secrets.randbelow(10**9) if chosen.seed is None else chosen.seed
    print(f"seed {seed}", flush=True)
    count, failures, slow, begun = Count(), collections.Counter(), [], time.monotonic()
    done = 0
    for index in range(chosen.first, chosen.first + chosen.count):
        if time.monotonic() - begun > chosen.seconds:
            break
        config, started = case(seed, index), time.monotonic()
        try:
            with hurried(chosen.budget):
                found, silences = findings(config, np.random.default_rng([seed, index, 1]))
        except Exception:
            print(f"\n#{index} raised: {command(config)}\n{traceback.format_exc()}", flush=True)
            failures["raised"] += 1
            continue
        done += 1
        if done % 100 == 0:
            print(f"{done} done", flush=True)
        slow.append((time.monotonic() - started, index))
        count.add(found, silences)
        for each in dict.fromkeys(found):  # what is said at several moments is printed once
            if each.verdict in ("false", "unknown"):
                failures[each.place, each.kind] += 1
                print(
                    f"\n#{index} {each.verdict} ({each.place}): {each.text}\n  {each.why}\n  {command(config)}",
                    flush=True,
                )
    _report(count, failures, done)
    if planted is not None:
        print(f"\nplanted: {planted.caught.total()} found, {planted.missed.total()} not")
        for kind, times in planted.missed.most_common():
            print(f"{times:8} of {times + planted.caught[kind]} {kind}")
    print(f"\n{done} configurations in {time.monotonic() - begun:.0f} s; the slowest: {sorted(slow)[-3:]}")
    return 1 if failures else 0


def _report(count, failures, done):
    verdicts = collections.Counter()
    for (_, _, verdict), times in count.verdicts.items():
        verdicts[verdict] += times
    print(f"\nsentences: {dict(verdicts)}")
    print("\nfalse or unknown, by kind:")
    for kind, times in failures.most_common():
        print(f"{times:8} {kind}")
    print("\nsentences by kind: true, unjudged, false")
    for place, kind in sorted({key[:2] for key in count.verdicts}):
        numbers = [count.verdicts[place, kind, verdict] for verdict in ("true", "unjudged", "false")]
        print(f"{numbers[0]:8} {numbers[1]:6} {numbers[2]:5}  {place}: {kind[:110]}")
    print("\nunjudged, why:")
    for why, times in count.unjudged.most_common(20):
        print(f"{times:8} {why}")
    print(f"\nsilences, of {done} configurations:")
    for silence, times in count.silences.most_common():
        print(f"{times:8} {silence}")


if __name__ == "__main__":
    sys.exit(main())
