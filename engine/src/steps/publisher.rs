//! Steps about `lk`, the command line of LiveKit: publishers of files, and load tests.
//!
//! It gets the key and the secret through its environment, because everybody can read the arguments of a
//! process.

use std::{fs, sync::Arc, time::Duration};

use livekit_protocol::{ParticipantInfo, TrackType, participant_info::State};
use regex::bytes::Regex;
use tokio::time::{Instant, sleep};

use super::{
    Vocabulary,
    room::{all_in, layers_of, video_of},
};
use crate::{
    component::Component,
    context::Context,
    error::{Phase, StepError, StepResult},
    evidence::plain,
    load::{Load, Summary},
    media,
    runtime::{Launch, Service},
    stack::{Origin, Program},
    world::{World, eventually, expect},
};

/// How long files are; a publisher that reaches the end of its file takes the track back.
const LENGTH: Duration = Duration::from_secs(300);

/// How many lines of its log a failure shows.
const TAIL: usize = 8;

pub(super) fn add(all: &mut Vocabulary) {
    all.about("CLI publisher and load test");
    load_tests(all);
    publishers(all);
    connections(all);
    ends(all);
    layers(all);
}

fn load_tests(all: &mut Vocabulary) {
    all.step_in(
        Phase::Connection,
        "a CLI load test publisher with {int} video publishers connects to room {string} using service {string}",
        "Starts a load test in which so many participants publish video.",
        async |world: &mut World, step: Context| {
            let load = Load { video: step.argument(0)?, ..Load::default() };
            load_test(world, &step, &load, &step.text(1)?, &step.text(2)?).await
        },
    )
    .step_in(
        Phase::Connection,
        "a CLI load test publisher with {int} audio publishers connects to room {string} using service {string}",
        "Starts a load test in which so many participants publish audio.",
        async |world: &mut World, step: Context| {
            let load = Load { audio: step.argument(0)?, ..Load::default() };
            load_test(world, &step, &load, &step.text(1)?, &step.text(2)?).await
        },
    )
    .step_in(
        Phase::Connection,
        "a CLI load test with {int} video publishers and {int} subscribers connects to room {string} using service {string}",
        "Starts a load test in which so many participants publish video and so many watch.",
        async |world: &mut World, step: Context| {
            let (video, subscribers) = (step.argument(0)?, step.argument(1)?);
            let load = Load { video, subscribers, ..Load::default() };
            load_test(world, &step, &load, &step.text(2)?, &step.text(3)?).await
        },
    )
    .step_in(
        Phase::Connection,
        "a CLI load test with config {string} connects to room {string} using service {string}",
        "Starts a load test of this configuration, such as `videoPublishers=2,subscribers=1,duration=10`.",
        async |world: &mut World, step: Context| {
            let load = step.text(0)?.parse()?;
            load_test(world, &step, &load, &step.text(1)?, &step.text(2)?).await
        },
    );
}

fn publishers(all: &mut Vocabulary) {
    all.step_in(
        Phase::Connection,
        "{string} starts a CLI publisher with {string} to room {string} using service {string}",
        "Publishes what is named, `video`, `audio` or both; or starts a load test of this configuration, whose participants are called after it.",
        async |world: &mut World, step: Context| {
            let (name, what) = (step.text(0)?, step.text(1)?);
            let (room, service) = (step.text(2)?, step.text(3)?);
            let words: Vec<&str> = what.split([',', '+', ' ']).filter(|it| !it.is_empty()).collect();
            if words.iter().all(|it| ["video", "audio", "and"].contains(it)) {
                let has = |it| words.contains(&it);
                return publish(world, &step, &name, (has("video"), has("audio")), &room, &service).await;
            }
            let load: Load = what.parse()?;
            let load = if load.publishers() == 0 { Load { video: 1, audio: 1, ..load } } else { load };
            test(world, &step, &load, &name, &room, &service).await
        },
    );
    for (expression, meaning, what) in [
        (
            "a CLI publisher",
            "Joins as this participant and publishes video and audio.",
            (true, true),
        ),
        (
            "a CLI video-only publisher",
            "Joins as this participant and publishes video.",
            (true, false),
        ),
        (
            "a CLI audio-only publisher",
            "Joins as this participant and publishes audio.",
            (false, true),
        ),
    ] {
        all.step_in(
            Phase::Connection,
            &format!("{{string}} starts {expression} to room {{string}} using service {{string}}"),
            meaning,
            super::doing(move |world, step| {
                Box::pin(async move {
                    publish(world, &step, &step.text(0)?, what, &step.text(1)?, &step.text(2)?)
                        .await
                })
            }),
        );
    }
}

fn connections(all: &mut Vocabulary) {
    all.step(
        "the CLI publisher {string} should be connected to room {string}",
        "The participant is in the room, or comes to be.",
        async |world: &mut World, step: Context| {
            let (name, room) = (step.text(0)?, step.text(1)?);
            let none = || StepError::assertion(format!("no CLI publisher is called `{name}`"));
            let client = world.rooms_of(world.publishers.get(&name).ok_or_else(none)?)?;
            eventually(world.setup.waits.expected, || async {
                let all = all_in(&client, &room).await?;
                let is_there = |it: &ParticipantInfo| {
                    is_of(it, &name) && matches!(it.state(), State::Joined | State::Active)
                };
                expect(all.iter().any(is_there), || format!("`{name}` is not in room `{room}`"))
            })
            .await
        },
    );
}

fn ends(all: &mut Vocabulary) {
    all.step(
        "the CLI load test for room {string} should complete successfully within {int} seconds",
        "The load test of the room ends in time and with success, and its subscribers got all tracks.",
        async |world: &mut World, step: Context| {
            let (room, seconds) = (step.text(0)?, step.argument(1)?);
            let service = running(world, &load_test_of(&room))?;
            let status = end_of(service, Duration::from_secs(seconds)).await?;
            let log = fs::read_to_string(&service.log)?;
            expect(status == "exit status: 0", || {
                format!("the load test ended with {status}; its log ends with:\n{}", service.tail(TAIL))
            })?;
            let summary = Summary::read(&log);
            expect(summary.is_complete(), || {
                format!("the load test is not complete: {summary}; its log ends with:\n{}", service.tail(TAIL))
            })
        },
    );
}

fn layers(all: &mut Vocabulary) {
    all.step(
        "the CLI publisher should have simulcast video layers in room {string} using service {string}",
        "The video that is published in the room has several layers.",
        async |world: &mut World, step: Context| {
            of_video(world, &step, 0, |found| {
                expect(found > 1, || format!("the video has {found} layer"))
            })
            .await
        },
    )
    .step(
        "the CLI publisher should have exactly {int} video layer in room {string} using service {string}",
        "The video that is published in the room has that many layers.",
        async |world: &mut World, step: Context| {
            let wanted: usize = step.argument(0)?;
            of_video(world, &step, 1, |found| {
                expect(found == wanted, || format!("the video has {found} layers, not {wanted}"))
            })
            .await
        },
    );
}

/// Looks at the number of layers of the first video in a room, until it is as it should be.
async fn of_video(
    world: &World,
    step: &Context,
    room: usize,
    look: impl Fn(usize) -> StepResult,
) -> StepResult {
    let (client, room) = (world.rooms_of(&step.text(room + 1)?)?, step.text(room)?);
    eventually(world.setup.waits.expected, || async {
        let all = all_in(&client, &room).await?;
        let found = all.iter().find_map(|it| video_of(it).ok());
        let none = || StepError::assertion(format!("nobody publishes video in room `{room}`"));
        look(layers_of(found.ok_or_else(none)?).len().max(1))
    })
    .await
}

/// Publishes files as a participant, and waits until the server has the tracks.
async fn publish(
    world: &mut World,
    step: &Context,
    name: &str,
    (video, audio): (bool, bool),
    room: &str,
    service: &str,
) -> StepResult {
    let files = world.bench(step).directory.join("media");
    let mut arguments = vec!["room".to_owned(), "join".to_owned(), format!("--identity={name}")];
    fs::create_dir_all(&files)?;
    for (is_wanted, file, make) in
        [(video, "video.ivf", media::video as fn(_) -> _), (audio, "audio.ogg", media::audio)]
    {
        let file = files.join(file);
        if is_wanted {
            if !file.exists() {
                fs::write(&file, make(LENGTH))?;
            }
            arguments.push(format!("--publish={}", file.display()));
        }
    }
    arguments.push(room.to_owned());
    start(world, step, name, service, arguments).await?;
    world.publishers.insert(name.to_owned(), service.to_owned());
    let wanted = Load { video: video.into(), audio: audio.into(), ..Load::default() };
    connected(world, name, (name, room, service), &wanted).await
}

/// Starts a load test under a name of its own.
async fn load_test(
    world: &mut World,
    step: &Context,
    load: &Load,
    room: &str,
    service: &str,
) -> StepResult {
    let others = world.services.iter().filter(|it| it.place.component == Component::Lk).count();
    test(world, step, load, &format!("load-{}", others + 1), room, service).await
}

/// Starts a load test, and waits until all its participants are there and publish.
async fn test(
    world: &mut World,
    step: &Context,
    load: &Load,
    name: &str,
    room: &str,
    service: &str,
) -> StepResult {
    if load.video > 0 {
        has_media(lk(world)?).await?;
    }
    let mut arguments =
        vec!["load-test".to_owned(), format!("--room={room}"), format!("--identity-prefix={name}")];
    arguments.extend(load.arguments());
    let called = load_test_of(room);
    start(world, step, &called, service, arguments).await?;
    world.publishers.insert(name.to_owned(), service.to_owned());
    connected(world, &called, (name, room, service), load).await
}

async fn start(
    world: &mut World,
    step: &Context,
    name: &str,
    service: &str,
    arguments: Vec<String>,
) -> StepResult {
    let program = lk(world)?;
    let url = world.service(service)?.url();
    let setup = Arc::clone(&world.setup);
    let place = setup.runtime.place(&world.bench(step), Component::Lk, name, &[])?;
    let home = place.inside.display().to_string();
    let (key, secret) = world.credentials();
    let environment = [
        ("LIVEKIT_URL", url),
        ("LIVEKIT_API_KEY", key.to_owned()),
        ("LIVEKIT_API_SECRET", secret.to_owned()),
        // Projects that somebody keeps at home are none of ours.
        ("HOME", home),
    ];
    let launch = Launch {
        arguments,
        environment: environment.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        limit: setup.waits.ready,
        ..Launch::default()
    };
    world.start(step, place, &program, launch).await
}

/// Waits until all are there whose identity begins so, and publish what they should.
async fn connected(
    world: &mut World,
    called: &str,
    (name, room, service): (&str, &str, &str),
    wanted: &Load,
) -> StepResult {
    let client = world.rooms_of(service)?;
    let limit = world.setup.waits.expected;
    let there = eventually(limit, || async {
        let mut all = all_in(&client, room).await?;
        all.retain(|it| is_of(it, name));
        let found = (all.len(), tracks(&all, TrackType::Video), tracks(&all, TrackType::Audio));
        expect(found == (wanted.participants(), wanted.video, wanted.audio), || {
            let (people, video, audio) = found;
            format!("room `{room}` has {people} participants of `{name}` who publish {video} video and {audio} audio tracks, not {wanted}")
        })
    })
    .await;
    if let Err(StepError::Failed(mut failure)) = there {
        let lk = running(world, called)?;
        let state = lk.ended().map_or_else(|| "runs".to_owned(), |it| format!("ended with {it}"));
        failure.message += &format!("; `lk` {state}, its log ends with:\n{}", lk.tail(TAIL));
        return Err(StepError::Failed(failure));
    }
    there
}

fn tracks(all: &[ParticipantInfo], kind: TrackType) -> usize {
    all.iter().flat_map(|it| &it.tracks).filter(|it| it.r#type() == kind).count()
}

/// Waits until a program has ended.
async fn end_of(service: &mut Service, limit: Duration) -> Result<String, StepError> {
    let begun = Instant::now();
    loop {
        match service.ended() {
            Some(status) => return Ok(status),
            None if begun.elapsed() >= limit => {
                let tail = service.tail(TAIL);
                return Err(StepError::assertion(format!(
                    "the load test still runs after {limit:?}; its log ends with:\n{tail}"
                )));
            }
            None => sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Whether a participant is the one of this name, or one of those that a load test calls after it.
fn is_of(participant: &ParticipantInfo, name: &str) -> bool {
    let rest = participant.identity.strip_prefix(name);
    rest.is_some_and(|it| it.is_empty() || it.starts_with('_'))
}

fn load_test_of(room: &str) -> String {
    format!("load-test-{}", plain(room))
}

fn running<'a>(world: &'a mut World, name: &str) -> Result<&'a mut Service, StepError> {
    let found = world.services.iter_mut().rev().find(|it| it.place.name == name);
    found.ok_or_else(|| StepError::assertion(format!("no `{name}` was started")))
}

/// The program; a scenario that needs it is skipped where it is missing.
fn lk(world: &World) -> Result<Program, StepError> {
    let found = world.setup.program(Component::Lk);
    found.map_err(|it| StepError::Skipped(Some(it.to_string())))
}

/// Load tests publish video that is built into `lk`; where it was built without, they publish none.
async fn has_media(program: Program) -> StepResult {
    const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:";
    let Origin::File(file) = program.origin else { return Ok(()) };
    let pointer = Regex::new(POINTER)?;
    let read = tokio::task::spawn_blocking(move || fs::read(file)).await??;
    if pointer.is_match(&read) {
        let reason = "this `lk` was built without the video that its load tests publish";
        return Err(StepError::Unsupported(reason.to_owned()));
    }
    Ok(())
}
