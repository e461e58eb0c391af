//! A text that an expression matches, as somebody would write it: the words around a parameter say
//! what would stand there.

use super::STATES;

/// An example of an expression of this area.
pub(super) fn of(expression: &str, area: &str) -> String {
    let (mut example, mut rest) = (String::new(), expression);
    let mut people = PEOPLE.iter().cycle();
    while let Some((before, (kind, after))) =
        rest.split_once('{').and_then(|(before, it)| Some((before, it.split_once('}')?)))
    {
        example += before;
        example += &match kind {
            "string" => {
                let place = Place { area, before: &example, after };
                let value = place.value().or_else(|| people.next().copied());
                format!("\"{}\"", value.unwrap_or_default())
            }
            "int" => number(&example, after).to_string(),
            "float" => "2.5".to_owned(),
            state => state_of(state).to_owned(),
        };
        rest = after;
    }
    (example + rest).replace("(s)", "s")
}

const PEOPLE: [&str; 2] = ["Alice", "Bob"];

/// Where a parameter stands.
struct Place<'a> {
    area: &'a str,
    before: &'a str,
    after: &'a str,
}

/// What follows a parameter, and what it then is.
const BY_NEXT: &[(&str, &str)] = &[
    (" browser", "Chrome"),
    (" event for {string} track", "track_published"),
    (" event for room", "room_started"),
    (" events for room", "room_started"),
    (" event for track", "track_published"),
    (" event", "participant_joined"),
    (" track from", "video"),
    (" layers", ">=2"),
    (" webhook events", "hooks"),
];

/// What ends the text before a parameter, and what it then is; the longer end stands first.
const BY_END: &[(&str, &str)] = &[
    ("MinIO service", "minio"),
    ("Ingress service", "ingress"),
    ("RTMP to", "ingress"),
    ("streaming to", "ingress"),
    ("service", "livekit"),
    ("using", "livekit"),
    ("connected to", "livekit"),
    ("\"livekit\" and", "redis"),
    (" on", "livekit"),
    ("\"Alice\" in", "demo"),
    ("display name", "Front camera"),
    ("participant name", "Alice"),
    ("room name", "demo"),
    ("room metadata for", "demo"),
    ("room info for", "demo"),
    ("room", "demo"),
    ("access key", "minio-user"),
    ("secret key", "minio-secret"),
    ("profile", "basic"),
    ("config is set to", "basic"),
    ("LiveKit config has", "room.max_participants"),
    ("\"room.max_participants\" set to", "3"),
    ("grants", "canPublish:true,canSubscribe:false"),
    ("grant", "canPublish"),
    ("\"canPublish\" set to", "true"),
    ("attributes", "role=host"),
    ("attribute", "role"),
    ("\"role\" set to", "host"),
    ("bucket", "recordings"),
    ("prefix", "daily/"),
    ("input type", "RTMP_INPUT"),
    ("track type", "video"),
    ("track source", "camera"),
    ("source", "camera"),
    ("network of \"Alice\" is", "3g"),
    ("network of \"Alice\" becomes", "latency=100ms,loss=2%"),
    ("preset", "H264_720P_30FPS_3_LAYERS"),
    ("resolution", "1280x720"),
    ("URL", "https://media.example/film.mp4"),
    ("preference to", "low"),
    ("load test with config", "videoPublishers=2,subscribers=1"),
    ("publisher with", "video"),
    ("request containing", "room_started"),
    ("metadata", "hello"),
    ("containing", "hello"),
    ("value", "hello"),
    ("updated to", "hello"),
    ("is set to", "hello"),
    ("message", "hello"),
];

/// What a service is called, by what the text before says of it.
const SERVICES: &[(&str, &str)] =
    &[("egress", "egress"), ("Redis", "redis"), ("MinIO", "minio"), ("mock HTTP", "hooks")];

impl Place<'_> {
    /// What would stand there; nothing where it is a person.
    fn value(&self) -> Option<&'static str> {
        if self.area == "webhooks" && self.before.is_empty() {
            return Some("hooks");
        }
        if self.before.ends_with("participants ") {
            return Some("Alice, Bob");
        }
        let before = self.before.trim_end();
        if before.ends_with(" an") {
            return Some("egress_ended");
        }
        if before.ends_with("service name") {
            let said = SERVICES.iter().find(|it| before.contains(it.0));
            return Some(said.map_or("livekit", |it| it.1));
        }
        let next = BY_NEXT.iter().find(|it| self.after.starts_with(it.0));
        let end = || BY_END.iter().find(|it| before.ends_with(it.0));
        next.or_else(end).map(|it| it.1)
    }
}

/// How much it would be, between these texts.
fn number(before: &str, after: &str) -> u32 {
    let by_end = [("width ", 640), ("length ", 512)].into_iter().find(|it| before.ends_with(it.0));
    let by_next = || BY_UNIT.iter().find(|it| after.starts_with(it.0)).copied();
    by_end.or_else(by_next).map_or(2, |it| it.1)
}

/// What follows a number, and how much it then is.
const BY_UNIT: &[(&str, u32)] = &[
    (" bytes per second", 10_000),
    (" bytes", 512),
    (" kbps", 300),
    (" seconds", 10),
    (" minutes", 10),
    (" percent", 50),
    (" ms", 50),
    (" out of", 90),
    (" messages", 100),
    (" video layer ", 1),
];

/// The first value of a parameter type of the vocabulary.
fn state_of(kind: &str) -> &'static str {
    STATES.iter().find(|it| it.0 == kind).and_then(|it| it.1.first()).unwrap_or(&"")
}
