//! Tests of cucumber.
