//! The rooms and participants that a failure names, so that lines about them can be found.

use std::sync::LazyLock;

use regex::Regex;

/// How many names a failure may give; a longer list would fit every line.
const MOST: usize = 12;

/// LiveKit's own ids of rooms, participants, tracks, egresses and ingresses, and values of fields
/// that its programs log under these names.
static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\b(?P<id>(?:RM|PA|TR|EG|IN|SCL)_[A-Za-z0-9]{8,})\b|"?\b(?:room|roomName|participant|identity)"?\s*[:=]\s*"?(?P<name>[A-Za-z0-9][\w.@-]{2,63})"#,
    )
    .expect("the pattern is constant")
});

/// The names in `text`, each once, in their order.
#[must_use]
pub fn names_in(text: &str) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for found in NAMES.captures_iter(text) {
        let name = found.name("id").or_else(|| found.name("name"));
        if let Some(name) = name.filter(|it| !names.iter().any(|known| **known == *it.as_str())) {
            names.push(name.as_str().into());
        }
        if names.len() == MOST {
            break;
        }
    }
    names
}

/// The rooms in `text`, each once: what fields of that name hold, and LiveKit's own ids of rooms and of
/// what is in them, which no two rooms share.
#[must_use]
pub fn rooms_in(text: &str) -> Vec<Box<str>> {
    let mut rooms: Vec<Box<str>> = Vec::new();
    for found in NAMES.captures_iter(text) {
        let whole = found.get(0).map_or("", |it| it.as_str()).trim_start_matches('"');
        let name = found.name("name").filter(|_| whole.starts_with("room"));
        let room = found.name("id").or(name).map(|it| it.as_str());
        if let Some(room) = room.filter(|it| !rooms.iter().any(|known| **known == **it)) {
            rooms.push(room.into());
        }
        if rooms.len() == MOST {
            break;
        }
    }
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_named_fields_are_found_once() {
        let text = r#"PA_kg9u4tT5B3Pm left {"room": "mytestroom", "participant": "relay_c1"} room=mytestroom"#;
        let names = names_in(text);
        assert_eq!(names, ["PA_kg9u4tT5B3Pm", "mytestroom", "relay_c1"].map(Box::from));
        assert_eq!(rooms_in(text), ["PA_kg9u4tT5B3Pm", "mytestroom"].map(Box::from));
    }
}
