//! Steps about rooms, participants and tracks, asked of the API of the server.

use livekit_api::services::{
    ServerError, ServiceError,
    room::{CreateRoomOptions, RoomClient},
};
use livekit_protocol::{
    ParticipantInfo, Room, TrackInfo, TrackSource, TrackType, VideoLayer, participant_info,
};

use super::{Vocabulary, doing};
use crate::{
    context::Context,
    error::{StepError, StepResult},
    world::{World, eventually, expect},
};

pub(super) fn add(all: &mut Vocabulary) {
    all.about("rooms, participants, tracks");
    rooms(all);
    looked_at(all);
    participants(all);
    sources(all);
    tracks(all);
    video(all);
    layers(all);
}

fn rooms(all: &mut Vocabulary) {
    all.step(
        "the system fetches all rooms from service {string}",
        "Asks the server for all its rooms.",
        async |world: &mut World, step: Context| {
            world.rooms = world.rooms_of(&step.text(0)?)?.list_rooms(Vec::new()).await?;
            Ok(())
        },
    )
    .step(
        "the room count should be {int}",
        "That many rooms were fetched last.",
        async |world: &mut World, step: Context| {
            let (wanted, names) = (step.argument::<usize>(0)?, named(&world.rooms));
            expect(world.rooms.len() == wanted, || {
                format!("{} rooms{names}, not {wanted}", world.rooms.len())
            })
        },
    );
    for expression in [
        "the system creates room {string} using service {string}",
        "room {string} is created using service {string}",
    ] {
        all.step(
            expression,
            "Creates a room through the API.",
            async |world: &mut World, step: Context| {
                let client = world.rooms_of(&step.text(1)?)?;
                client.create_room(&step.text(0)?, CreateRoomOptions::default()).await?;
                Ok(())
            },
        );
    }
}

fn looked_at(all: &mut Vocabulary) {
    all.step(
        "room {string} should exist in service {string}",
        "The server has this room, or gets it in time.",
        async |world: &mut World, step: Context| {
            let (name, client) = (step.text(0)?, world.rooms_of(&step.text(1)?)?);
            eventually(world.setup.waits.expected, || room(&client, &name)).await?;
            Ok(())
        },
    )
    .step(
        "room {string} should close in service {string}",
        "The server ends this room in time.",
        async |world: &mut World, step: Context| {
            let (name, client) = (step.text(0)?, world.rooms_of(&step.text(1)?)?);
            eventually(world.setup.waits.expected, || async {
                let found = client.list_rooms(vec![name.clone()]).await?;
                expect(found.is_empty(), || format!("room `{name}` is still open"))
            })
            .await
        },
    )
    .step(
        "the system deletes room {string} using service {string}",
        "Deletes a room through the API, which ends it for all in it.",
        async |world: &mut World, step: Context| {
            Ok(world.rooms_of(&step.text(1)?)?.delete_room(&step.text(0)?).await?)
        },
    )
    .step(
        "room {string} should have {int} active participants in service {string}",
        "That many participants are connected to the room, or come to be.",
        async |world: &mut World, step: Context| {
            let (name, wanted) = (step.text(0)?, step.argument::<usize>(1)?);
            let client = world.rooms_of(&step.text(2)?)?;
            eventually(world.setup.waits.expected, || async {
                let all = all_in(&client, &name).await?;
                let is_active =
                    |it: &&ParticipantInfo| it.state() == participant_info::State::Active;
                let found = all.iter().filter(is_active).count();
                expect(found == wanted, || {
                    format!("{found} participants are active in `{name}`, not {wanted}")
                })
            })
            .await
        },
    );
}

fn participants(all: &mut Vocabulary) {
    all.step(
        "the system removes participant {string} from room {string} using service {string}",
        "Removes a participant through the API.",
        async |world: &mut World, step: Context| {
            let client = world.rooms_of(&step.text(2)?)?;
            Ok(client.remove_participant(&step.text(1)?, &step.text(0)?).await?)
        },
    )
    .step(
        "participant {string} should not exist in room {string} using service {string}",
        "The room has no such participant, or loses it in time.",
        async |world: &mut World, step: Context| {
            let (identity, name) = (step.text(0)?, step.text(1)?);
            let client = world.rooms_of(&step.text(2)?)?;
            eventually(world.setup.waits.expected, || async {
                let all = all_in(&client, &name).await?;
                expect(all.iter().all(|it| it.identity != identity), || {
                    format!("`{identity}` is in room `{name}`")
                })
            })
            .await
        },
    )
    .step(
        "participant {string} should appear in room {string} using service {string}",
        "The room gets this participant in time.",
        async |world: &mut World, step: Context| about(world, &step, 2, |_| Ok(())).await,
    );
}

/// What a step says of the tracks of one source.
const SOURCES: [(&str, TrackSource); 2] =
    [("video", TrackSource::Camera), ("screen share", TrackSource::ScreenShare)];

fn sources(all: &mut Vocabulary) {
    for (what, source) in SOURCES {
        all.step(
            &format!("participant {{string}} should be publishing {what} in room {{string}} using service {{string}}"),
            &format!("The participant publishes {what} that is not muted, or comes to."),
            doing(move |world, step| Box::pin(async move {
                about(world, &step, 2, |it| {
                    expect(publishes(it, source), || format!("`{}` publishes no {what}{}", it.identity, list(it)))
                })
                .await
            })),
        )
        .step(
            &format!("participant {{string}} should not be publishing {what} in room {{string}} using service {{string}}"),
            &format!("The participant publishes no {what}, or ceases to."),
            doing(move |world, step| Box::pin(async move {
                about(world, &step, 2, |it| {
                    expect(!publishes(it, source), || format!("`{}` publishes {what}{}", it.identity, list(it)))
                })
                .await
            })),
        )
        .step(
            &format!("participant {{string}} should have {{int}} remote {what} tracks available in room {{string}} using service {{string}}"),
            &format!("The others in the room publish that many tracks of {what}."),
            doing(move |world, step| Box::pin(async move { remote(world, &step, what, source).await })),
        );
    }
}

fn tracks(all: &mut Vocabulary) {
    all.step(
        "participant {string} should have {int} published tracks in room {string} using service {string}",
        "The participant publishes that many tracks of any kind.",
        async |world: &mut World, step: Context| {
            let wanted: usize = step.argument(1)?;
            about_in(world, &step, 2, 3, |it| {
                let found = it.tracks.len();
                expect(found == wanted, || format!("`{}` publishes {found} tracks, not {wanted}{}", it.identity, list(it)))
            })
            .await
        },
    );
    for (what, kind) in [("audio", TrackType::Audio), ("video", TrackType::Video)] {
        all.step(
            &format!("participant {{string}} should have {what} track {{muteState}} in room {{string}} using service {{string}}"),
            &format!("The server sees the participant's {what} muted, or not."),
            doing(move |world, step| Box::pin(async move {
                let wanted = step.text(1)?;
                about_in(world, &step, 2, 3, |it| {
                    let track = it.tracks.iter().find(|it| it.r#type() == kind);
                    let state = track.map(|it| if it.muted { "muted" } else { "unmuted" });
                    let is = state.unwrap_or("missing");
                    expect(is == wanted, || format!("{what} of `{}` is {is}, not {wanted}", it.identity))
                })
                .await
            })),
        );
    }
    all.step(
        "participant {string} should have published audio track in room {string} using service {string}",
        "The participant publishes audio, muted or not.",
        async |world: &mut World, step: Context| {
            about(world, &step, 2, |it| {
                let has = it.tracks.iter().any(|it| it.r#type() == TrackType::Audio);
                expect(has, || format!("`{}` publishes no audio{}", it.identity, list(it)))
            })
            .await
        },
    );
}

fn video(all: &mut Vocabulary) {
    all.step(
        "participant {string} video track should have source {string} in room {string} using service {string}",
        "The participant publishes video of this source: camera, screen_share.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(1)?.to_ascii_uppercase().replace([' ', '-'], "_");
            about_in(world, &step, 2, 3, |it| {
                let mut videos = it.tracks.iter().filter(|it| it.r#type() == TrackType::Video);
                expect(videos.any(|it| it.source().as_str_name() == wanted), || {
                    format!("`{}` has no video of source {wanted}{}", it.identity, list(it))
                })
            })
            .await
        },
    )
    .step(
        "participant {string} video track should have maximum width {int} in room {string} using service {string}",
        "The participant's video is at most this wide.",
        async |world: &mut World, step: Context| {
            let most: u32 = step.argument(1)?;
            about_in(world, &step, 2, 3, |it| {
                let width = video_of(it)?.width;
                expect(width <= most, || format!("the video is {width} wide, more than {most}"))
            })
            .await
        },
    );
}

fn layers(all: &mut Vocabulary) {
    all.step(
        "participant {string} should have simulcast {enabledState} for video in room {string} using service {string}",
        "The participant's video has several layers, or one.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(1)? == "enabled";
            about_in(world, &step, 2, 3, |it| {
                let found = layers_of(video_of(it)?).len().max(1);
                expect((found > 1) == wanted, || format!("the video of `{}` has {found} layers", it.identity))
            })
            .await
        },
    )
    .step(
        "participant {string} video track should have {string} layers in room {string} using service {string}",
        "The participant's video has that many layers: `2`, `>=2`, `<=3`.",
        async |world: &mut World, step: Context| {
            let wanted = step.text(1)?;
            about_in(world, &step, 2, 3, |it| {
                let found = layers_of(video_of(it)?).len().max(1);
                expect(compares(found, &wanted)?, || format!("the video has {found} layers, not {wanted}"))
            })
            .await
        },
    );
    for (what, of) in [
        (
            "resolutions",
            (|it| u64::from(it.width) * u64::from(it.height)) as fn(&VideoLayer) -> u64,
        ),
        ("bitrates", |it| u64::from(it.bitrate)),
    ] {
        all.step(
            &format!("participant {{string}} video layers should have different {what} in room {{string}} using service {{string}}"),
            &format!("No two layers of the participant's video have the same of their {what}."),
            doing(move |world, step| Box::pin(async move {
                about(world, &step, 2, |it| {
                    let mut all: Vec<u64> = layers_of(video_of(it)?).iter().map(of).collect();
                    let count = all.len();
                    all.sort_unstable();
                    all.dedup();
                    expect(count > 1 && all.len() == count, || format!("{count} layers have {what} {all:?}"))
                })
                .await
            })),
        );
    }
    all.step(
        "participant {string} highest video layer should have greater resolution than lowest layer in room {string} using service {string}",
        "The largest layer of the participant's video is larger than the smallest.",
        async |world: &mut World, step: Context| {
            about(world, &step, 2, |it| {
                let sizes = layers_of(video_of(it)?).iter().map(|it| it.width * it.height);
                let (least, most) = (sizes.clone().min(), sizes.max());
                expect(least < most, || format!("the layers are from {least:?} to {most:?} pixels"))
            })
            .await
        },
    );
}

/// Looks at a participant (argument 0) in a room (argument 1) until it is as it should be.
async fn about(
    world: &World,
    step: &Context,
    service: usize,
    look: impl Fn(&ParticipantInfo) -> StepResult,
) -> StepResult {
    about_in(world, step, 1, service, look).await
}

/// As [`about`], where other arguments stand between.
async fn about_in(
    world: &World,
    step: &Context,
    room: usize,
    service: usize,
    look: impl Fn(&ParticipantInfo) -> StepResult,
) -> StepResult {
    let (identity, room) = (step.text(0)?, step.text(room)?);
    let client = world.rooms_of(&step.text(service)?)?;
    eventually(world.setup.waits.expected, || async {
        look(&participant(&client, &room, &identity).await?)
    })
    .await
}

async fn remote(world: &World, step: &Context, what: &str, source: TrackSource) -> StepResult {
    let (identity, wanted, name) = (step.text(0)?, step.argument::<usize>(1)?, step.text(2)?);
    let client = world.rooms_of(&step.text(3)?)?;
    eventually(world.setup.waits.expected, || async {
        let all = all_in(&client, &name).await?;
        expect(all.iter().any(|it| it.identity == identity), || {
            format!("`{identity}` is not in room `{name}`")
        })?;
        let others = all.iter().filter(|it| it.identity != identity);
        let found = others.flat_map(|it| &it.tracks).filter(|it| it.source() == source).count();
        expect(found == wanted, || {
            format!("the others publish {found} tracks of {what}, not {wanted}")
        })
    })
    .await
}

/// A room of the server.
pub(super) async fn room(client: &RoomClient, name: &str) -> Result<Room, StepError> {
    let found = client.list_rooms(vec![name.to_owned()]).await?;
    let found = found.into_iter().find(|it| it.name == name);
    found.ok_or_else(|| StepError::assertion(format!("the server has no room `{name}`")))
}

/// A participant of a room.
pub(super) async fn participant(
    client: &RoomClient,
    room: &str,
    identity: &str,
) -> Result<ParticipantInfo, StepError> {
    let all = all_in(client, room).await?;
    let there: Vec<String> = all.iter().map(|it| it.identity.clone()).collect();
    let found = all.into_iter().find(|it| it.identity == identity);
    found.ok_or_else(|| {
        StepError::assertion(format!("`{identity}` is not in room `{room}`; there: {there:?}"))
    })
}

/// All participants of a room; a room that does not exist has none.
pub(super) async fn all_in(
    client: &RoomClient,
    room: &str,
) -> Result<Vec<ParticipantInfo>, StepError> {
    match client.list_participants(room).await {
        Err(ServiceError::Twirp(ServerError::Twirp(it))) if it.code == "not_found" => {
            Ok(Vec::new())
        }
        done => Ok(done?),
    }
}

fn publishes(participant: &ParticipantInfo, source: TrackSource) -> bool {
    participant.tracks.iter().any(|it| it.source() == source && !it.muted)
}

pub(super) fn video_of(participant: &ParticipantInfo) -> Result<&TrackInfo, StepError> {
    let found = participant.tracks.iter().find(|it| it.r#type() == TrackType::Video);
    found.ok_or_else(|| {
        StepError::assertion(format!("`{}` publishes no video", participant.identity))
    })
}

/// The layers of a video; one that names none has one.
pub(super) fn layers_of(track: &TrackInfo) -> &[VideoLayer] {
    let first = track.codecs.iter().find(|it| !it.layers.is_empty());
    #[expect(deprecated, reason = "servers before 1.6 say it nowhere else")]
    first.map_or(track.layers.as_slice(), |it| it.layers.as_slice())
}

/// Whether a number is as `2`, `>=2` or `<=3` say.
pub(super) fn compares(number: usize, with: &str) -> Result<bool, StepError> {
    let (sign, text) = with.split_at(with.find(|c: char| c.is_ascii_digit()).unwrap_or(with.len()));
    let wanted: usize = text
        .trim()
        .parse()
        .map_err(|_| StepError::assertion(format!("`{with}` is no number of layers")))?;
    match sign.trim() {
        "" | "=" | "==" => Ok(number == wanted),
        ">=" => Ok(number >= wanted),
        "<=" => Ok(number <= wanted),
        ">" => Ok(number > wanted),
        "<" => Ok(number < wanted),
        _ => Err(StepError::assertion(format!(
            "`{with}`: expected a number, or one after >=, <=, > or <"
        ))),
    }
}

fn named(rooms: &[Room]) -> String {
    let names: Vec<&str> = rooms.iter().map(|it| it.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// What a participant publishes, for a message.
fn list(participant: &ParticipantInfo) -> String {
    let track = |it: &TrackInfo| {
        let muted = if it.muted { ", muted" } else { "" };
        format!("{}{muted}", it.source().as_str_name().to_ascii_lowercase())
    };
    let tracks: Vec<String> = participant.tracks.iter().map(track).collect();
    if tracks.is_empty() {
        "; it publishes nothing".to_owned()
    } else {
        format!("; it publishes {}", tracks.join("; "))
    }
}
