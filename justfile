# `just help` lists what there is; each recipe is what you would type yourself.

# Show this list.
help:
    @just --list --unsorted

# Run the tests, quick ones first.
t *ARGS:
    cargo test --locked --lib {{ARGS}}
    cargo test --locked --test it {{ARGS}}

# Do what CI does, with what is installed.
check:
    .ci/run

# Accept snapshots that changed.
bless:
    INSTA_UPDATE=always cargo test --workspace --locked

# Build the demo site and say where to open it.
site:
    cargo run --locked -- build --config site/demo/lkreport.toml

# Record our own tests as a run of the demo.
record:
    site/demo/record

# Check a built site in a real browser: every page kind, every link, Lighthouse; `--firefox`: every page kind in Firefox.
browser SITE="target/demo/report" *ARGS:
    npm ci --prefix tests/browser --no-audit --no-fund
    node tests/browser/check.mjs {{SITE}} {{ARGS}}

# Write the sample that proves a new version of the history's schema readable for ever.
history-sample:
    cargo run --locked --example history_sample -- tests/samples/history

# Test what the kernel does to networks, on one that has netem.
netem:
    engine/tests/netem

# Measure the parts with criterion.
bench *ARGS:
    cargo bench --locked {{ARGS}}

# Time the same input side by side with Allure 2 and 3.
bench-peers CASES="20000" FILES="200":
    benches/peers/run {{CASES}} {{FILES}}
    benches/peers/patterns
