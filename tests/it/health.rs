//! `lkreport health` and `lkreport token`, against real servers where they are there.

mod real;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::Value;

use crate::{
    desk::{Desk, stderr, stdout},
    stack::{Up, with_server},
};

#[test]
fn what_is_down_is_told_in_a_table_and_by_the_exit_code() {
    let desk = Desk::new();
    // A port that was free a moment ago has nobody who answers.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let listening = TcpListener::bind("127.0.0.1:0").unwrap();
    let postgres = listening.local_addr().unwrap().to_string();
    let args = ["health", "--livekit", &free, "--postgres", &postgres];
    let output = desk.run(&args);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    let words: Vec<Vec<&str>> = text.lines().map(|it| it.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["component", "address", "state", "ms"]);
    assert_eq!(words[1][..3], ["livekit", &free, "down"]);
    assert!(text.contains("refused"), "{text}");
    assert_eq!(words[2][..3], ["postgres", &postgres, "up"]);

    let json = desk.run(&[&args[..], &["--json"]].concat());
    let states: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!((json.status.code(), &states[0]["state"]), (Some(1), &"down".into()));
    assert_eq!((&states[1]["state"], &states[1]["reason"]), (&"up".into(), &Value::Null));
}

#[test]
fn what_is_asked_may_stand_in_the_configuration() {
    let desk = Desk::new();
    assert!(desk.refused(&["health"]).contains("hint: `lkreport health --livekit --redis`"));
    let listening = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listening.local_addr().unwrap();
    desk.write("lkreport.toml", format!("[health]\npostgres = '{address}'\n"));
    assert!(desk.ok(&["health"]).contains("postgres"));
    desk.write("lkreport.toml", "[health]\npostgre = 'x'\n");
    assert!(desk.refused(&["health"]).contains("nothing is called `postgre`"));
}

#[test]
fn a_token_names_what_it_lacks() {
    let desk = Desk::new();
    let create = ["token", "create", "--room", "demo", "--identity", "Alice"];
    let mut command = desk.command(&create);
    command.env_remove("LIVEKIT_API_KEY").env_remove("LIVEKIT_API_SECRET");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("not set: LIVEKIT_API_KEY, LIVEKIT_API_SECRET"));
    let output = command.env("LIVEKIT_API_KEY", "devkey").output().unwrap();
    assert!(stderr(&output).contains("not set: LIVEKIT_API_SECRET\n"), "{}", stderr(&output));
    let wrong = [&create[..], &["--grant", "canFly:true"]].concat();
    let mut wrong = desk.command(&wrong);
    let output = wrong.env("LIVEKIT_API_KEY", "k").env("LIVEKIT_API_SECRET", "s").output().unwrap();
    assert!(stderr(&output).contains("no grant is called `canFly`"), "{}", stderr(&output));
}

/// The status that a server answers to a request with this token.
fn answer(up: &Up, token: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(&up.address).unwrap();
    let head = format!(
        "{request} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
        up.address
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn a_real_server_is_well_and_takes_the_token() {
    with_server(|desk, up| {
        desk.ok(&["health", "--livekit", &up.address]);
        let create = |more: &[&str]| {
            let args = [&["token", "create", "--identity", "Alice"], more].concat();
            let mut command = desk.command(&args);
            command.env("LIVEKIT_API_KEY", &up.key).env("LIVEKIT_API_SECRET", &up.secret);
            stdout(&command.output().unwrap()).trim().to_owned()
        };
        let list = "POST /twirp/livekit.RoomService/ListRooms";
        let join = "GET /rtc/validate";
        let lister = create(&["--grant", "roomList:true", "--valid-for", "1h"]);
        let joiner = create(&["--room", "demo"]);
        assert_eq!(answer(up, &lister, list), "200");
        assert_eq!(answer(up, &joiner, list), "401");
        assert_eq!(answer(up, &joiner, join), "200");
        assert_eq!(answer(up, &lister, join), "401");
        assert_eq!(answer(up, &format!("{joiner}x"), join), "401");
    });
}
