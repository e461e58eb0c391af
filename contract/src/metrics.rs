//! `metrics.ndjson`: what was measured while a run went on.
