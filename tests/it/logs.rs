//! Masking, logs, metrics and media artifacts.

mod masking;
