//! JSON pulled from a stream agrees with `serde_json`.

use std::io::BufReader;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Reads any value into the same shape as `serde_json` does.
fn value(json: &mut Json<'_>) -> Result<Value> {
    Ok(match json.peek()? {
        b'[' => {
            let mut items = Vec::new();
            json.each(|json| value(json).map(|it| items.push(it)))?;
            Value::Array(items)
        }
        b'{' => {
            let mut fields = serde_json::Map::new();
            json.fields(|json, key| {
                let value = value(json)?;
                fields.insert(key.to_owned(), value);
                Ok(())
            })?;
            Value::Object(fields)
        }
        b'"' => Value::String(json.text()?),
        _ => serde_json::from_str(&json.literal()?).map_err(|_| Damage::Syntax("a value"))?,
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_serde_json(expected in any_value(), step in 1_usize..9) {
        for text in [expected.to_string(), serde_json::to_string_pretty(&expected).unwrap()] {
            let mut input = BufReader::new(Dribble(text.as_bytes(), step));
            prop_assert_eq!(&value(&mut Json::new(&mut input)).unwrap(), &expected);
            let mut input = text.as_bytes();
            prop_assert!(Json::new(&mut input).skip().is_ok());
        }
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = value(&mut Json::new(&mut bytes.as_slice()));
    }
}

/// Gives a few bytes at a time, so that every token falls on a border somewhere.
struct Dribble<'a>(&'a [u8], usize);

impl std::io::Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(buffer.len()).min(self.0.len());
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

#[test]
fn letters_beyond_the_first_plane_are_put_together() {
    let mut input: &[u8] = br#""\ud83e\udd52 \ud83e x \udd52""#;
    assert_eq!(Json::new(&mut input).text().unwrap(), "\u{1f952} \u{fffd} x \u{fffd}");
}

#[test]
fn depth_is_bounded() {
    let deep = "[".repeat(1_000_000);
    let damage = Json::new(&mut deep.as_bytes()).skip().unwrap_err();
    assert_eq!(damage.to_string(), "nested more than 128 levels deep");
}
