"""Writes how dbt-core plans the batches of microbatch models, for tests/unit/run/batches.test.ts.

    python batches.py > tests/unit/run/batches.json

Needs a virtual environment with dbt-core 1.11.
"""

import itertools
import json
import sys
from datetime import datetime, timezone
from types import SimpleNamespace

from dbt.artifacts.resources import NodeConfig
from dbt.artifacts.resources.types import BatchSize
from dbt.materializations.incremental.microbatch import MicrobatchBuilder

BEGIN = datetime(2023, 12, 30, 22, 15, tzinfo=timezone.utc)
ENDS = ["2024-03-01T00:00:00", "2024-02-29T23:59:59", "2024-01-01T00:00:00", "2023-12-31T05:30:00", "2024-01-31T12:00:00"]
STARTS = [None, "2023-12-31T23:30:00", "2024-02-28T01:00:00"]


def shown(batches):
    texts = [[start.isoformat(), end.isoformat()] for start, end in batches]
    return texts if len(texts) <= 6 else [*texts[:2], len(texts), *texts[-2:]]


cases = []
for size, end, start, lookback, incremental in itertools.product(
    ("hour", "day", "month", "year"), ENDS, STARTS, (0, 1, 3), (False, True)
):
    if start and (lookback != 1 or incremental):
        continue  # these make no difference then
    config = NodeConfig(incremental_strategy="microbatch", batch_size=BatchSize(size), begin=BEGIN, lookback=lookback)
    model = SimpleNamespace(name="m", config=config)
    builder = MicrobatchBuilder(
        model,
        is_incremental=incremental,
        event_time_start=datetime.fromisoformat(start) if start else None,
        event_time_end=datetime.fromisoformat(end),
    )
    until = builder.build_end_time()
    batches = builder.build_batches(builder.build_start_time(until), until)
    first = MicrobatchBuilder.format_batch_start(batches[0][0], config.batch_size)
    cases.append(
        {
            "size": size, "until": end, "from": start, "lookback": lookback, "isIncremental": incremental,
            "batches": shown(batches), "label": first, "id": MicrobatchBuilder.batch_id(batches[0][0], config.batch_size),
        }
    )  # fmt: skip
json.dump({"begin": BEGIN.isoformat(), "cases": cases}, sys.stdout, separators=(",", ":"))
print()
