//! Masking, logs, metrics and media artifacts.

mod keeping;
mod masking;
mod measuring;
mod media;
