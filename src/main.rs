//! The `lkreport` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    lkreport::cli::main()
}
