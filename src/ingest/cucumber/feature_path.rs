//! The path of a feature file, the same on every machine.

/// Makes the `uri` of a feature independent of the machine that ran it.
///
/// A relative path stays; of an absolute one remains what follows the last folder in front of
/// `features/`, else the file's name. `classpath:` and `file:` and Windows' backslashes go away.
pub(in crate::ingest) fn feature_path(uri: &str) -> String {
    let path = uri.trim().replace('\\', "/");
    let path =
        path.strip_prefix("classpath:").map_or(path.as_str(), |it| it.trim_start_matches('/'));
    let path = path.strip_prefix("file:").unwrap_or(path);
    let path = without_line(path);
    if is_absolute(path) {
        let from_features = path.rfind("/features/").map(|at| &path[at + 1..]);
        return from_features.or_else(|| path.rsplit('/').next()).unwrap_or(path).to_owned();
    }
    let parts = path.split('/').filter(|it| !matches!(*it, "" | "."));
    let parts: Vec<&str> = parts.skip_while(|it| *it == "..").collect();
    parts.join("/")
}

/// behave and others say `x.feature:12`.
fn without_line(path: &str) -> &str {
    let is_line = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    path.rsplit_once(':').filter(|(_, line)| is_line(line)).map_or(path, |(path, _)| path)
}

fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    path.starts_with('/') || matches!(bytes, [drive, b':', b'/', ..] if drive.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_leaves_no_trace() {
        for (uri, expected) in [
            ("features/room/join.feature", "features/room/join.feature"),
            ("./features/join.feature:12", "features/join.feature"),
            ("../../e2e/join.feature", "e2e/join.feature"),
            ("/home/ci/build-7/features/room/join.feature", "features/room/join.feature"),
            ("file:///builds/features/7/features/join.feature", "features/join.feature"),
            ("file:src/test/resources/join.feature", "src/test/resources/join.feature"),
            ("classpath:com/example/join.feature", "com/example/join.feature"),
            (r"C:\agent\work\features\join.feature", "features/join.feature"),
            (r"D:\work\join.feature", "join.feature"),
            (r"features\join.feature", "features/join.feature"),
            ("/srv/join.feature", "join.feature"),
            ("", ""),
        ] {
            assert_eq!(feature_path(uri), expected, "{uri}");
        }
    }
}
