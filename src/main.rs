//! The `lkreport` program: arguments in, exit code out.

fn main() {}
