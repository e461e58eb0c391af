//! How fast text without secrets passes, and text with some.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lkreport_contract::mask::{Masked, Masker};

const CLEAN: &str = include_str!("../tests/samples/logs/redis.log");
const SERVER: &str = include_str!("../tests/samples/logs/livekit-console.log");

fn masking(c: &mut Criterion) {
    let masker = Masker::new();
    let mut clean = Masked::new();
    let plain: String = SERVER.lines().filter(|it| *masker.mask(it, &mut clean) == **it).collect();
    let mut group = c.benchmark_group("mask");
    for (name, text) in [("redis", CLEAN), ("server-without-secrets", &*plain), ("server", SERVER)]
    {
        let text = text.repeat(1 + (1 << 20) / text.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| masker.mask(black_box(&text), &mut Masked::new()).len())
        });
    }
    group.finish();
}

criterion_group!(benches, masking);
criterion_main!(benches);
