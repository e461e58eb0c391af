//! Nested settings as dotted paths, and back.

use serde_json::{Map, Value};

use super::{ProfileError, settings};

/// The settings of a nested table with their dotted paths, in its order.
///
/// A table that the list of settings does not look into is one value, such as `keys`.
pub(super) fn leaves(table: &Map<String, Value>) -> Result<Vec<(String, Value)>, ProfileError> {
    let mut found = Vec::new();
    collect("", table, &mut found)?;
    Ok(found)
}

fn collect(
    above: &str,
    table: &Map<String, Value>,
    found: &mut Vec<(String, Value)>,
) -> Result<(), ProfileError> {
    for (name, value) in table {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        if path.split('.').any(str::is_empty) {
            return Err(ProfileError::BadKey(path));
        }
        match value {
            Value::Object(table) if settings::has_below(&path) => collect(&path, table, found)?,
            _ => found.push((path, value.clone())),
        }
    }
    Ok(())
}

/// Puts a value at a dotted path; `null` takes away what stands there.
pub(super) fn set(table: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None if value.is_null() => drop(table.remove(path)),
        None => drop(table.insert(path.to_owned(), value)),
        Some((name, _)) if value.is_null() && !table.get(name).is_some_and(Value::is_object) => {}
        Some((name, rest)) => {
            let below = table.entry(name).or_insert(Value::Null);
            if !below.is_object() {
                *below = Value::Object(Map::new());
            }
            if let Value::Object(below) = below {
                set(below, rest, value);
            }
        }
    }
}
