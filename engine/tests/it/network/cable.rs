//! Cables of the kernel: what `tc` does to what passes, on machines that let us.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lkreport_engine::network::{By, Cable, Kernel, Networks, Profile, judge, measure};

use super::relay::{Bench, greets_and_takes_its_time, pass};
use crate::real_server::skipped;

/// Less than a packet takes at the slowest rate here.
const LIMIT: Duration = Duration::from_secs(5);

/// How long nothing has to arrive until nothing does.
const QUIET: Duration = Duration::from_millis(100);

/// A cable; nothing, and said so, where this machine has none for us.
fn cable() -> Option<Arc<Cable>> {
    match Cable::lay() {
        Ok(cable) => Some(Arc::new(cable)),
        Err(why) => {
            skipped(&format!("no cable of the kernel: {why}"));
            None
        }
    }
}

#[tokio::test]
async fn what_the_kernel_does_can_be_measured() {
    for text in [
        "",
        "latency=40ms",
        "down=4mbit,up=1mbit",
        "latency=30ms,jitter=5ms,down=2mbit",
        "loss=20%,rate=800kbit",
    ] {
        let Some(cable) = cable() else { return };
        let profile: Profile = text.parse().unwrap();
        let part = cable.kernel.part(&profile);
        let measured = measure(&profile, Some(cable)).await.unwrap();
        println!("{text}, {part:?}: {measured}");
        assert_eq!(judge(&profile, &measured), Ok(()), "{text}: {measured:?}");
    }
}

#[tokio::test]
async fn what_is_too_much_for_a_rate_is_thrown_away_by_the_kernel_and_counted() {
    let Some(cable) = cable() else { return };
    let bench = Bench::over(Some(Arc::clone(&cable)), "up=100kbit").await;
    let (near, person) = bench.datagrams().await;
    // 300 ms of it are 3,750 bytes, so most of these have no room.
    for _ in 0..50 {
        person.send_to(&[1; 1000], near).await.unwrap();
    }
    let mut arrived = 0;
    let counts = loop {
        let counts = bench.line.counts().await.unwrap();
        if counts.up.passed + counts.up.too_many == 50 && counts.up.passed == arrived {
            break counts;
        }
        let next = bench.next(LIMIT).await;
        assert_eq!(next, Some(1000), "what was not thrown away arrives: {arrived}, {counts:?}");
        arrived += 1;
    };
    assert!(counts.up.too_many >= 40, "{counts:?}");
    assert_eq!(cable.dropped().unwrap(), [counts.up.too_many, 0]);
}

#[tokio::test]
async fn what_waits_for_a_rate_goes_on_at_the_next_one() {
    let Some(cable) = cable() else { return };
    let bench = Bench::over(Some(cable), "up=1kbit").await;
    let (near, person) = bench.datagrams().await;
    // Each but the first takes eight seconds.
    for _ in 0..3 {
        person.send_to(&[1; 1000], near).await.unwrap();
    }
    assert_eq!(bench.next(LIMIT).await, Some(1000));
    assert_eq!(bench.next(QUIET).await, None);
    bench.line.set(Profile::default()).await.unwrap();
    person.send_to(&[2; 900], near).await.unwrap();
    for size in [1000, 1000, 900] {
        assert_eq!(bench.next(LIMIT).await, Some(size), "the rest, and the last one behind it");
    }
}

#[tokio::test]
async fn a_stream_goes_through_the_kernel_whole_and_at_its_rate() {
    let Some(cable) = cable() else { return };
    let bench = Bench::over(Some(cable), "down=4mbit").await;
    let (mut person, mut server) = bench.signal().await;
    pass(&mut person, &mut server, b"GET / HTTP/1.1\r\n\r\n").await;
    let bytes: Vec<u8> = (0..200_000_u32).map(|it| it.to_le_bytes()[0]).collect();
    let head = b"HTTP/1.1 200 OK\r\n\r\n";
    pass(&mut server, &mut person, head).await;
    let begun = Instant::now();
    assert_eq!(pass(&mut server, &mut person, &bytes).await, bytes);
    let least = Duration::from_millis(390);
    assert!(begun.elapsed() >= least, "1.6 Mbit at 4 Mbit/s: {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stream_greets_first_and_takes_its_time_over_a_cable_too() {
    let Some(cable) = cable() else { return };
    greets_and_takes_its_time(Some(cable)).await;
}

#[tokio::test]
async fn networks_use_the_kernel_only_where_they_shall() {
    if cable().is_none() {
        return;
    }
    let mut networks = Networks::default();
    assert!(networks.cable(By::Relay).await.unwrap().is_none());
    for by in [By::Auto, By::Tc] {
        assert!(networks.cable(by).await.unwrap().is_some());
    }
    networks.refused = Some("it could not before".to_owned());
    assert!(networks.cable(By::Auto).await.unwrap().is_none(), "it is not tried again");
}

#[test]
fn the_part_of_the_kernel_is_what_it_can_and_chance_has_no_part_in() {
    let (tbf, both) = (Kernel { tbf: true, netem: false }, Kernel { tbf: true, netem: true });
    for (text, by_tbf, by_both) in [
        ("", None, None),
        ("loss=5%,jitter=10ms", None, None),
        ("latency=20ms,jitter=20ms", None, None),
        ("latency=100ms,jitter=10ms", None, Some("its latency by `tc` (netem)")),
        ("up=1mbit", Some("its rates by `tc` (tbf)"), Some("its rates by `tc` (tbf)")),
        (
            "latency=100ms,down=1mbit",
            Some("its rates by `tc` (tbf)"),
            Some("its latency and its rates by `tc` (netem, tbf)"),
        ),
    ] {
        let profile: Profile = text.parse().unwrap();
        assert_eq!((tbf.part(&profile), both.part(&profile)), (by_tbf, by_both), "{text}");
        assert_eq!(Kernel::default().part(&profile), None);
    }
}
