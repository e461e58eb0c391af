//! Tests of junit.
