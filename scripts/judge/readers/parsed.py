"""Prints, as JSON, what dbt-artifacts-parser makes of the artifacts in a target folder: class and content of each."""

import json
import sys
from pathlib import Path

from dbt_artifacts_parser import parser


def raw(name):
    return json.loads(Path(sys.argv[1], f"{name}.json").read_text())


manifest = parser.parse_manifest(manifest=raw("manifest"))
run_results = parser.parse_run_results(run_results=raw("run_results"))
catalog = parser.parse_catalog(catalog=raw("catalog"))
sources = parser.parse_sources(sources=raw("sources"))

kinds = {}
for node in manifest.nodes.values():
    kinds.setdefault(node.resource_type, []).append(node.name)
print(
    json.dumps(
        {
            "classes": [type(read).__name__ for read in (manifest, run_results, catalog, sources)],
            "nodes": {kind: sorted(names) for kind, names in kinds.items()},
            "sources": sorted(manifest.sources),
            "unit_tests": sorted(manifest.unit_tests),
            "exposures": sorted(manifest.exposures),
            "statuses": {result.unique_id: result.status.value for result in run_results.results},
            "columns": {
                unique_id: {name: column.type for name, column in table.columns.items()}
                for unique_id, table in {**catalog.nodes, **catalog.sources}.items()
            },
            "rows": {
                unique_id: table.stats["row_count"].value
                for unique_id, table in catalog.nodes.items()
                if "row_count" in table.stats
            },
            "freshness": {result.unique_id: result.status.value for result in sources.results},
        }
    )
)
