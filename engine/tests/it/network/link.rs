//! Links, which are pure, and networks as text.

use std::time::Duration;

use lkreport_engine::network::{
    Direction, Fate, Known, Link, Loss, Period, Profile, ProfileError, Rate, Share,
};
use proptest::{collection::vec, prelude::*};

fn rates() -> impl Strategy<Value = Option<Rate>> {
    prop::option::of((1_000_u64..=10_000_000_000).prop_map(Rate))
}

fn times() -> impl Strategy<Value = Duration> {
    (0_u64..3_600_000_000).prop_map(Duration::from_micros)
}

prop_compose! {
    fn profiles()(
        (latency, jitter) in (times(), times()),
        (loss, reorder) in (0_u32..=1_000_000, 0_u32..=1_000_000),
        (down, up) in (rates(), rates()),
        mut offline in vec((times(), times()).prop_map(|(after, length)| Period { after, length }), 0..3),
        seed: u64,
    ) -> Profile {
        offline.sort_unstable();
        let (loss, reorder) = (Share(loss), Share(reorder));
        Profile { latency, jitter, loss, reorder, down, up, offline, seed }
    }
}

/// What becomes of packets of these sizes, sent so many microseconds after each other.
fn fates(profile: &Profile, packets: &[(u64, usize)]) -> Vec<(Duration, Fate)> {
    let mut link = Link::new(profile, Direction::Up, 1);
    let mut now = Duration::ZERO;
    let one = |&(pause, bytes): &(u64, usize)| {
        now += Duration::from_micros(pause);
        (now, link.packet(now, bytes))
    };
    packets.iter().map(one).collect()
}

fn arrivals(fates: &[(Duration, Fate)]) -> Vec<Duration> {
    let arrives = |it: &(Duration, Fate)| match it.1 {
        Fate::Arrives(at) => Some(at),
        Fate::Lost(_) => None,
    };
    fates.iter().filter_map(arrives).collect()
}

proptest! {
    #[test]
    fn what_is_shown_can_be_read_again(profile in profiles()) {
        prop_assert_eq!(profile.to_string().parse::<Profile>(), Ok(profile));
    }

    #[test]
    fn whatever_is_written_is_read_or_refused_with_its_place(text in "[a-z0-9=,.%@ ü]{0,40}") {
        if let Err(error) = text.parse::<Profile>() {
            let place = match &error {
                ProfileError::NoSetting { at, .. }
                | ProfileError::UnknownKey { at, .. }
                | ProfileError::Twice { at, .. }
                | ProfileError::BadValue { at, .. } => *at,
                ProfileError::Unknown { .. } => 1,
            };
            prop_assert!((1..=text.chars().count() + 1).contains(&place), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_same_seed_has_the_same_fates(
        profile in profiles(),
        packets in vec((0_u64..5000, 1_usize..1500), 1..50),
    ) {
        prop_assert_eq!(fates(&profile, &packets), fates(&profile, &packets));
    }

    #[test]
    fn nothing_overtakes_unless_it_was_asked_for_and_nothing_is_early(
        profile in profiles(),
        packets in vec((0_u64..5000, 1_usize..1500), 1..100),
    ) {
        let profile = Profile { reorder: Share(0), ..profile };
        let fates = fates(&profile, &packets);
        prop_assert!(arrivals(&fates).is_sorted());
        let least = profile.latency.saturating_sub(profile.jitter);
        for (sent, fate) in fates {
            if let Fate::Arrives(at) = fate {
                prop_assert!(at >= sent + least, "{sent:?} {at:?}");
            }
        }
    }

    #[test]
    fn no_more_passes_than_the_rate_lets_through(
        rate in 10_000_u64..100_000_000,
        packets in vec((0_u64..500, 1_usize..1500), 2..300),
    ) {
        let profile = Profile { up: Some(Rate(rate)), ..Profile::default() };
        let fates = fates(&profile, &packets);
        let sizes = fates.iter().zip(&packets).filter(|it| matches!(it.0.1, Fate::Arrives(_)));
        let sizes: Vec<usize> = sizes.map(|it| it.1.1).collect();
        let (arrivals, bits) = (arrivals(&fates), sizes.iter().skip(1).sum::<usize>() as f64 * 8.0);
        let took = (*arrivals.last().unwrap() - arrivals[0]).as_secs_f64();
        prop_assert!(bits <= took * rate as f64 + 1.0, "{bits} bits in {took} s at {rate}");
        // Only what cannot pass in time is thrown away.
        let waited = fates.iter().zip(&packets).map(|(it, (_, bytes))| match it.1 {
            Fate::Arrives(at) => at.saturating_sub(it.0).as_secs_f64() - (bytes + 28) as f64 * 8.0 / rate as f64,
            Fate::Lost(_) => 0.0,
        });
        prop_assert!(waited.fold(0.0, f64::max) < 0.301);
    }

    #[test]
    fn the_share_of_losses_is_what_was_asked_for(loss in 0_u32..=1_000_000, seed: u64) {
        let profile = Profile { loss: Share(loss), seed, ..Profile::default() };
        let fates = fates(&profile, &[(100, 100); 4000]);
        let lost = fates.iter().filter(|it| it.1 == Fate::Lost(Loss::Chance)).count() as f64;
        let share = f64::from(loss) / 1e6;
        let off = 5.0 * (4000.0 * share * (1.0 - share)).sqrt() + 1.0;
        prop_assert!((lost - 4000.0 * share).abs() <= off, "{lost} of 4000 at {share}");
    }

    #[test]
    fn nothing_passes_while_offline_and_everything_else_does(
        packets in vec((0_u64..100_000, 1_usize..1500), 1..100),
    ) {
        let profile: Profile = "offline=500ms@1s,offline=1s@2s".parse().unwrap();
        for (sent, fate) in fates(&profile, &packets) {
            let millis = sent.as_millis();
            let is_offline = (1000..1500).contains(&millis) || (2000..3000).contains(&millis);
            prop_assert_eq!(fate == Fate::Lost(Loss::Offline), is_offline, "{}", millis);
        }
    }

    #[test]
    fn a_stream_keeps_its_order_and_loses_nothing(
        profile in profiles(),
        pieces in vec((0_u64..5000, 1_usize..5000), 1..100),
    ) {
        let mut link = Link::new(&profile, Direction::Down, 1);
        let (mut now, mut after) = (Duration::ZERO, Duration::ZERO);
        for (pause, bytes) in pieces {
            now += Duration::from_micros(pause);
            let passage = link.stream(now, bytes, after);
            prop_assert!(passage.leaves >= now && passage.arrives >= after);
            prop_assert!(passage.leaves >= link.online_from(now));
            after = passage.arrives;
        }
    }
}

#[test]
fn some_packets_are_overtaken_where_that_was_asked_for() {
    let profile: Profile = "latency=10ms,reorder=10%".parse().unwrap();
    let fates = fates(&profile, &[(1000, 100); 500]);
    let arrivals = arrivals(&fates);
    assert_eq!(arrivals.len(), 500, "none is lost");
    let early = arrivals.windows(2).filter(|it| it[1] < it[0]).count();
    assert!((25..=75).contains(&early), "{early}");
}

#[test]
fn each_direction_and_each_person_has_fates_of_their_own() {
    let profile: Profile = "loss=50%".parse().unwrap();
    let fates = |direction, salt| {
        let mut link = Link::new(&profile, direction, salt);
        (0..64).map(|_| link.packet(Duration::ZERO, 1)).collect::<Vec<_>>()
    };
    let usual = fates(Direction::Up, 1);
    assert_ne!(usual, fates(Direction::Down, 1));
    assert_ne!(usual, fates(Direction::Up, 2));
}

#[test]
fn streams_change_no_fate_of_a_datagram() {
    let profile: Profile = "jitter=5ms,loss=50%".parse().unwrap();
    let fates = |streams: bool| {
        let mut link = Link::new(&profile, Direction::Up, 1);
        let mut one = |_| {
            if streams {
                link.stream(Duration::ZERO, 5000, Duration::ZERO);
            }
            link.packet(Duration::ZERO, 1)
        };
        (0..64).map(&mut one).collect::<Vec<_>>()
    };
    assert_eq!(fates(true), fates(false));
}

#[test]
fn the_networks_that_everybody_knows_are_there() {
    let known = Known::default();
    let names: Vec<&str> = known.iter().map(|it| it.0).collect();
    assert_eq!(names, ["3g", "4g", "lossy", "none", "offline-3s", "wifi"]);
    let shown = |name: &str| known.find(name).unwrap().to_string();
    assert_eq!(shown("3g"), "latency=150ms,jitter=30ms,down=1.6mbit,up=768kbit");
    assert_eq!(shown("none"), "");
    assert_eq!(shown("offline-3s"), "offline=3s");
    assert_eq!(known.find("loss=2.5%").unwrap().loss, Share(25_000));
}

#[test]
fn an_own_network_goes_before_one_that_is_built_in() {
    let mut known = Known::default();
    known.add("wifi", "latency=7ms".parse().unwrap());
    assert_eq!(known.find("wifi").unwrap().latency, Duration::from_millis(7));
}

#[test]
fn what_is_wrong_with_a_network_is_said_with_its_place_and_how_to_mend_it() {
    for (text, said) in [
        (
            "latency=100",
            "`100` at character 9 is not what `latency` takes: expected a time such as `100ms`",
        ),
        (
            "loss=2%,latenzy=1s",
            "`latenzy` at character 9: a network has no such setting (did you mean `latency`?)",
        ),
        ("loss=2%, up", "`up` at character 10: expected a setting with its value"),
        ("loss=2%,loss=3%", "`loss` at character 9 was given before: leave one out"),
        ("loss=120%", "a share from `0%` to `100%`"),
        ("rate=5", "a rate such as `500kbit`"),
        ("rate=0mbit", "from `1kbit` to `10gbit`"),
        ("latency=4000s", "of an hour at most"),
        ("offline=3", "a time, and when it begins unless at once: `3s` or `3s@10s`"),
        ("seed=x", "a whole number"),
        ("3gg", "no network is called `3gg` (did you mean `3g`?); there are 3g, 4g, lossy, none"),
    ] {
        let error = Known::default().find(text).expect_err(text).to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}
